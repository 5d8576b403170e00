"""What the official client of Pub/Sub for Python does: a topic, a subscription with a filter, a message there and back.

The SDK brings the client for gcloud, with a protobuf of its own; elsewhere it is the package google-cloud-pubsub.
"""
import os, sys, threading

sdk = os.environ.get("SDK_ROOT")
if sdk:
    sys.path[:0] = [sdk + "/lib", sdk + "/lib/third_party"]
from google.cloud import pubsub_v1

project = os.environ["GOOGLE_CLOUD_PROJECT"]
pub, sub = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()
topic, subscription = pub.topic_path(project, "python"), sub.subscription_path(project, "python")
pub.create_topic(request={"name": topic})
sub.create_subscription(request={"name": subscription, "topic": topic, "filter": 'attributes.n = "1"'})
for n in range(3):
    pub.publish(topic, b"text %d" % n, n=str(n)).result(timeout=20)
got, done = [], threading.Event()
def take(m):
    got.append((m.data, dict(m.attributes)))
    m.ack()
    done.set()
pull = sub.subscribe(subscription, callback=take)
assert done.wait(20)
pull.cancel(); pull.result(timeout=10)
assert got == [(b"text 1", {"n": "1"})], got
print("done")
