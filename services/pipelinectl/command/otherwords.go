package command

// otherWords are those that people of other tools try first, and what they mean here.
var otherWords = map[string]string{
	"backlog": "status", "info": "status", "state": "status", "ps": "status", "top": "status --watch", "watch": "status --watch",
	"health": "doctor", "ping": "doctor", "check": "source check", "validate": "source check",
	"ls": "files list", "file": "files show", "ledger": "files list", "quarantine": "files list --verdict quarantined", "wait": "files wait",
	"files info": "files show", "files get": "files show", "files describe": "files show", "files cat": "files show", "files load": "backfill", "files replay": "files reprocess",
	"dlq ls": "dlq list", "dlq info": "dlq show", "dlq get": "dlq show", "dlq describe": "dlq show", "dlq delete": "dlq discard", "dlq rm": "dlq discard", "dlq purge": "dlq discard",
	"letters": "dlq list", "dead-letters": "dlq list", "deadletters": "dlq list", "dead_letters": "dlq list", "retry": "dlq replay", "drop": "dlq discard",
	"listen": "tail", "consume": "tail", "pull": "tail", "subscription": "subscribe", "order": "trace", "lineage": "trace", "explain": "trace", "find": "trace", "rerun": "reprocess", "reload": "reprocess", "restore": "release",
	"load": "upload", "put": "upload", "cp": "upload", "land": "upload", "ingest": "upload",
	"sql": "query", "select": "query", "setup": "provision", "init": "provision", "apply": "provision", "audit": "verify",
}
