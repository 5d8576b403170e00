// What a program by the official Node.js client of BigQuery does in a day. It knows
// nothing of the sandbox: the library reads BIGQUERY_EMULATOR_HOST.
//
//   node bigquery.js <dataset>
//
// It ends with an error at the first answer that is not as documented.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';

const bigquery = new BigQuery({ projectId: process.env.GOOGLE_CLOUD_PROJECT });
// The client forgets the headers of an upload that needs no credentials; table.load of a
// file then fails inside it.
const { makeAuthenticatedRequest } = bigquery;
bigquery.makeAuthenticatedRequest = (options, config) => makeAuthenticatedRequest({ headers: {}, ...options }, config);
const dataset = bigquery.dataset(process.argv[2]);
const refused = (status, reason) => (error) => {
  assert.deepEqual([Number(error.code), error.errors?.[0]?.reason], [status, reason], error.message);
  return true;
};
// value is what a query answers to one parameter.
const value = async (given, type) => {
  const [rows] = await bigquery.query({ query: 'SELECT @p AS p', params: { p: given }, ...(type && { types: { p: type } }) });
  return rows[0].p;
};

const steps = {
  async 'parameters of each type'() {
    assert.equal(await value(42), 42);
    assert.equal(await value(-0.25), -0.25);
    assert.equal(await value(true), true);
    assert.equal(await value(false), false);
    assert.equal(await value("it's"), "it's");
    assert.equal(await value(''), '');
    assert.equal(await value(null, 'STRING'), null);
    assert.equal((await value(7, 'NUMERIC')).toString(), '7');
    assert.equal((await value(bigquery.int('9007199254740993'))).toString(), String(9007199254740993));
    assert.equal((await value('12345678901234567890.123456789', 'NUMERIC')).toFixed(9), '12345678901234567890.123456789');
    assert.deepEqual(await value('AP8=', 'BYTES'), Buffer.from([0, 255])); // the client sends no Buffers
    assert.equal((await value(bigquery.date('2026-02-28'))).value, '2026-02-28');
    assert.equal((await value(bigquery.datetime('2026-02-28T01:02:03'))).value, '2026-02-28T01:02:03');
    assert.equal((await value(bigquery.timestamp('2026-02-28T01:02:03.456Z'))).value, '2026-02-28T01:02:03.456Z');
    assert.deepEqual(await value([1, 2, 3]), [1, 2, 3]);
    assert.deepEqual(await value([], ['INT64']), []);
    assert.deepEqual(await value(['a', 'b']), ['a', 'b']);
    assert.deepEqual(await value({ a: 1, b: 'x' }), { a: 1, b: 'x' });
  },
  async 'parameters without names'() {
    const [rows] = await bigquery.query({ query: 'SELECT ? AS a, ? AS b, ? + 1 AS c', params: ['x', 2, 3] });
    assert.deepEqual(rows, [{ a: 'x', b: 2, c: 4 }]);
    await assert.rejects(bigquery.query({ query: 'SELECT ?, ?', params: [1] }), refused(400, 'invalidQuery'));
  },
  async pages() {
    const [job] = await bigquery.createQueryJob('SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25)) AS n ORDER BY n');
    let [rows, next] = await job.getQueryResults({ maxResults: 10, autoPaginate: false });
    const seen = [];
    for (;;) {
      assert.ok(rows.length <= 10);
      seen.push(...rows.map((r) => r.n));
      if (!next?.pageToken) break;
      [rows, next] = await job.getQueryResults(next);
    }
    assert.deepEqual(seen, Array.from({ length: 25 }, (_, i) => i + 1));
    assert.equal((await job.getQueryResults({ maxResults: 10 }))[0].length, 10);
  },
  async 'a job with labels and limits'() {
    const [job] = await bigquery.createQueryJob({
      query: 'SELECT 1 AS one', labels: { team: 'shop' }, jobTimeoutMs: 60000, maximumBytesBilled: '1000000000', jobId: `node-${process.pid}-${Date.now()}`,
    });
    const [m] = await job.getMetadata();
    assert.equal(m.configuration.labels.team, 'shop');
    await job.promise();
    assert.equal((await job.getMetadata())[0].status.state, 'DONE');
    assert.deepEqual((await job.getQueryResults())[0], [{ one: 1 }]);
    assert.ok((await bigquery.getJobs())[0].some((j) => j.id === job.id));
    const [dry] = await bigquery.createQueryJob({ query: 'SELECT 1', dryRun: true });
    assert.equal(dry.metadata.status.state, 'DONE');
  },
  async 'tables and their metadata'() {
    const name = `node_${process.pid}`;
    const expires = Date.now() + 3_600_000;
    const [table] = await dataset.createTable(name, {
      schema: [{ name: 'id', type: 'STRING', mode: 'REQUIRED' }, { name: 'placed', type: 'TIMESTAMP' }, { name: 'amount', type: 'NUMERIC' }],
      timePartitioning: { type: 'DAY', field: 'placed', expirationMs: 864_000_000_000 }, clustering: { fields: ['id'] },
      labels: { made: 'by-node' }, expirationTime: expires,
    });
    const [m] = await table.getMetadata();
    assert.deepEqual([m.labels, m.clustering.fields, m.timePartitioning.field, Number(m.expirationTime)], [{ made: 'by-node' }, ['id'], 'placed', expires]);
    await table.setMetadata({ description: 'of Node', expirationTime: expires + 1 });
    assert.equal((await table.getMetadata())[0].description, 'of Node');
    await bigquery.query({
      query: `INSERT INTO ${dataset.id}.${name} (id, placed, amount) VALUES (@id, CURRENT_TIMESTAMP(), @amount)`, params: { id: 'a', amount: 3 },
    });
    const [rows] = await table.getRows();
    assert.deepEqual([rows.length, rows[0].id, rows[0].amount.toString()], [1, 'a', '3']);
    assert.ok((await dataset.getTables())[0].some((t) => t.id === name));
    assert.equal((await table.exists())[0], true);
    await table.delete();
    assert.equal((await table.exists())[0], false);
  },
  async 'loads, inserts and destinations'() {
    const schema = [{ name: 'id', type: 'STRING' }, { name: 'n', type: 'INTEGER' }];
    const [table] = await dataset.createTable(`node_loaded_${process.pid}`, { schema });
    const folder = await mkdtemp(join(tmpdir(), 'node-'));
    await writeFile(join(folder, 'a.csv'), 'id,n\na,1\n"b,c",2\n');
    await writeFile(join(folder, 'bad.json'), '{"id":"x","n":"many"}\n');
    const [job] = await table.load(join(folder, 'a.csv'), { skipLeadingRows: 1 });
    assert.deepEqual([job.status.state, job.statistics.load.outputRows], ['DONE', '2']);
    await assert.rejects(table.load(join(folder, 'bad.json'), { sourceFormat: 'NEWLINE_DELIMITED_JSON' }), /Invalid INTEGER value/);
    await table.insert([{ id: 'd', n: 4 }, { id: 'e', n: '5' }]);
    await assert.rejects(table.insert([{ id: 'f', n: 6 }, { id: 'g', m: 7 }]), (error) => {
      assert.equal(error.name, 'PartialFailureError');
      assert.deepEqual(error.errors.map((e) => e.errors[0].reason), ['stopped', 'invalid']);
      return true;
    });
    const made = dataset.table(`node_made_${process.pid}`);
    const [query] = await bigquery.createQueryJob({ query: `SELECT id, n FROM ${dataset.id}.${table.id} WHERE n > ?`, params: [1], destination: made });
    await query.promise();
    const [rows] = await bigquery.query(`SELECT id, n FROM ${dataset.id}.${made.id} ORDER BY n`);
    assert.deepEqual(rows, [{ id: 'b,c', n: 2 }, { id: 'd', n: 4 }, { id: 'e', n: 5 }]);
    await Promise.all([table.delete(), made.delete(), rm(folder, { recursive: true })]);
  },
  async 'datasets'() {
    assert.ok((await bigquery.getDatasets())[0].some((d) => d.id === dataset.id));
    assert.equal((await dataset.get())[0].id, dataset.id);
  },
  async 'errors that are told and not tried again'() {
    await assert.rejects(bigquery.query('SELECT FROM'), refused(400, 'invalidQuery'));
    await assert.rejects(bigquery.query(`SELECT * FROM ${dataset.id}.none`), refused(404, 'notFound'));
    await assert.rejects(dataset.table('none').getMetadata(), refused(404, 'notFound'));
    await assert.rejects(dataset.createTable('fact_orders', { schema: 'a' }), refused(409, 'duplicate'));
    await assert.rejects(dataset.table('fact_orders').createQueryJob({ query: 'SELECT 1', useLegacySql: true }), refused(400, 'notImplemented'));
  },
};

for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
  } catch (error) {
    console.error(`${name}: ${error.stack} ${JSON.stringify(error.errors)}`);
    process.exit(1);
  }
}
