package loading

import (
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/queryjob"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// isPermanent tells whether the same files will fail the same way again. What is
// not known to be permanent is taken for passing: an outage must not quarantine.
// A fence that another transaction has raised meanwhile is read anew.
func isPermanent(err error) bool {
	return !strings.Contains(err.Error(), "stale_fence") && queryjob.Permanent(err)
}

// culprit is the rule that a file broke whose transaction failed alone, and what
// a person should read about it.
func culprit(err error) (rule rules.ID, detail string) {
	message := err.Error()
	switch {
	case strings.Contains(message, string(rules.DuplicateOrders)):
		return rules.DuplicateOrders, "orders whose ids came before with other content; the findings name them"
	case strings.Contains(message, string(rules.LedgerImbalance)):
		return rules.LedgerImbalance, message
	default:
		return rules.TransactionFailed, message
	}
}
