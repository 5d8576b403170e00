package topology

import "testing"

// TestDeliveryAttempts: Pub/Sub takes from 5 to 100 (cloud.google.com/pubsub/docs/handling-failures), and the
// service that holds messages for longest gets the most.
func TestDeliveryAttempts(t *testing.T) {
	t.Parallel()
	for _, topic := range Topics() {
		for _, service := range topic.Subscribers {
			switch n := DeliveryAttempts(service); {
			case n < 5 || n > 100:
				t.Errorf("%s: %d attempts", service, n)
			case (n == PatientDeliveryAttempts) != (service == Aggregator):
				t.Errorf("%s: %d attempts, of at most %d", service, n, PatientDeliveryAttempts)
			}
		}
	}
}
