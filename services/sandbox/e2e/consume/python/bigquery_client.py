"""What Google's API client for Python does, built from the discovery document of the embedded BigQuery.

The SDK brings the client for bq; elsewhere it is the package google-api-python-client.
"""
import json, os, sys

sdk = os.environ.get("SDK_ROOT")
if sdk:
    sys.path.insert(0, sdk + "/platform/bq/third_party")
import google.auth.credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

host = os.environ["BIGQUERY_EMULATOR_HOST"]
project = os.environ["GOOGLE_CLOUD_PROJECT"]
bq = build("bigquery", "v2", discoveryServiceUrl=host + "/discovery/v1/apis/{api}/{apiVersion}/rest",
           credentials=google.auth.credentials.AnonymousCredentials())

def rows(answer):
    return [[f["v"] for f in r["f"]] for r in answer.get("rows", [])]

bq.datasets().insert(projectId=project, body={"datasetReference": {"projectId": project, "datasetId": "py"}, "location": "us-central1"}).execute()
table = {"projectId": project, "datasetId": "py", "tableId": "t"}
bq.tables().insert(projectId=project, datasetId="py", body={"tableReference": table, "schema": {"fields": [
    {"name": "a", "type": "INTEGER"}, {"name": "b", "type": "STRING"}]}}).execute()
answer = bq.tabledata().insertAll(projectId=project, datasetId="py", tableId="t", body={"rows": [{"json": {"a": 1, "b": "one"}}, {"json": {"a": 2, "b": "two"}}]}).execute()
assert "insertErrors" not in answer, answer
answer = bq.jobs().query(projectId=project, body={"query": "SELECT a, b FROM py.t WHERE a > @least ORDER BY a", "useLegacySql": False, "location": "us-central1",
    "parameterMode": "NAMED", "queryParameters": [{"name": "least", "parameterType": {"type": "INT64"}, "parameterValue": {"value": "1"}}]}).execute()
assert rows(answer) == [["2", "two"]], answer
job = bq.jobs().insert(projectId=project, body={"configuration": {"query": {"query": "SELECT COUNT(*) FROM py.t", "useLegacySql": False}}, "jobReference": {"projectId": project, "location": "us-central1"}}).execute()
answer = bq.jobs().getQueryResults(projectId=project, jobId=job["jobReference"]["jobId"], location="us-central1").execute()
assert rows(answer) == [["2"]], answer
names = [t["tableReference"]["tableId"] for t in bq.tables().list(projectId=project, datasetId="py").execute()["tables"]]
assert names == ["t"], names
answer = bq.tabledata().list(projectId=project, datasetId="py", tableId="t").execute()
assert sorted(rows(answer)) == [["1", "one"], ["2", "two"]], answer
try:
    bq.tables().get(projectId=project, datasetId="py", tableId="nothing").execute()
    sys.exit("a table that is not there was found")
except HttpError as e:
    assert e.resp.status == 404, e
try:
    bq.jobs().insert(projectId=project, body={"configuration": {"extract": {"sourceTable": table, "destinationUris": ["gs://b/o"]}}}).execute()
    sys.exit("an extract job was taken")
except HttpError as e:
    assert e.resp.status == 400, e
    assert json.loads(e.content)["error"]["errors"][0]["message"] == "The embedded BigQuery does not serve extract jobs", e
print("done")
