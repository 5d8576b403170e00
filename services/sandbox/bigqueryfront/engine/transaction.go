package engine

import "context"

// Begin opens a transaction; until Commit or Rollback, statements run in it.
func (c *Conn) Begin(ctx context.Context) error {
	err := c.statement(ctx, "BEGIN TRANSACTION", false, noRows)
	c.inTransaction = err == nil
	return err
}

// Commit ends the transaction. If it fails, Rollback must follow.
func (c *Conn) Commit(ctx context.Context) error {
	err := c.statement(ctx, "COMMIT", false, noRows)
	if err == nil {
		c.inTransaction = false
	}
	return err
}

// Rollback gives up the transaction if one is open. Where DuckDB refuses, since a failed
// commit may have ended the transaction, the connection is not used again.
func (c *Conn) Rollback() {
	if !c.inTransaction {
		return
	}
	c.inTransaction = false
	if err := c.statement(context.Background(), "ROLLBACK", false, noRows); err != nil {
		c.Taint()
	}
}

// Transact runs do in a transaction, which is committed if do succeeds.
func (c *Conn) Transact(ctx context.Context, do func() error) error {
	if err := c.Begin(ctx); err != nil {
		return err
	}
	err := do()
	if err == nil {
		err = c.Commit(ctx)
	}
	c.Rollback()
	return err
}
