// What a program by the official Node.js client of Cloud Storage does in a day. It knows
// nothing of the sandbox: the library reads STORAGE_EMULATOR_HOST.
//
//   node storage.js <bucket>
//
// It ends with an error at the first answer that is not as documented.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Storage } from '@google-cloud/storage';

const bucket = new Storage({ projectId: process.env.GOOGLE_CLOUD_PROJECT }).bucket(process.argv[2]);
const file = (name) => bucket.file(`node/${name}`);
const refused = (status) => (error) => {
  assert.equal(Number(error.code), status, error.message);
  return true;
};
const big = Buffer.alloc(1_000_003, 'The quick brown fox. ');

const steps = {
  async 'upload in one request'() {
    await file('simple.txt').save('one request', { resumable: false, contentType: 'text/plain' });
    assert.equal(String((await file('simple.txt').download())[0]), 'one request');
  },
  async 'resumable upload, its size unknown'() { // the client's default: bytes 0-*/*
    await file('stream.bin').save(big);
    assert.deepEqual((await file('stream.bin').download())[0], big);
  },
  async 'resumable upload, its size known'() {
    await file('sized.bin').save(big, { metadata: { contentLength: big.length } });
    assert.deepEqual((await file('sized.bin').download())[0], big);
  },
  async 'upload in chunks'() {
    await pipeline(Readable.from([big]), file('chunks.bin').createWriteStream({ chunkSize: 256 * 1024 }));
    assert.deepEqual((await file('chunks.bin').download())[0], big);
  },
  async 'an empty object'() {
    await file('empty').save('');
    assert.equal(Number((await file('empty').getMetadata())[0].size), 0);
  },
  async 'names with slashes, spaces, signs and letters of any script'() {
    for (const name of ['a b/c+d?e#f%20', 'Größe/注文.json']) {
      await file(name).save(name);
      assert.equal(String((await file(name).download())[0]), name);
    }
  },
  async ranges() {
    assert.deepEqual((await file('chunks.bin').download({ start: 4, end: 8 }))[0], big.subarray(4, 9));
    assert.deepEqual((await file('chunks.bin').download({ start: 999_999 }))[0], big.subarray(999_999));
  },
  async 'lists, pages and folders'() {
    const [all] = await bucket.getFiles({ prefix: 'node/' });
    assert.deepEqual(all.map((f) => f.name).sort(), all.map((f) => f.name));
    const pages = [];
    for (let next = { prefix: 'node/', maxResults: 2, autoPaginate: false }; next; ) {
      const [page, following] = await bucket.getFiles(next);
      pages.push(page.map((f) => f.name));
      next = following;
    }
    assert.ok(pages.length > 1 && pages.every((page) => page.length <= 2));
    assert.deepEqual(pages.flat(), all.map((f) => f.name));
    const [, , answer] = await bucket.getFiles({ prefix: 'node/', delimiter: '/', autoPaginate: false });
    assert.deepEqual(answer.prefixes, ['node/Größe/', 'node/a b/']);
  },
  async metadata() {
    await file('simple.txt').setMetadata({ cacheControl: 'no-store', metadata: { shop: 'one', tier: '2' } });
    const [m] = await file('simple.txt').getMetadata();
    assert.deepEqual([m.contentType, m.cacheControl, m.metadata], ['text/plain', 'no-store', { shop: 'one', tier: '2' }]);
    assert.equal((await file('simple.txt').exists())[0], true);
    assert.equal((await file('none').exists())[0], false);
  },
  async preconditions() {
    const [{ generation }] = await file('simple.txt').getMetadata();
    const only = (options) => file('simple.txt').save('again', { resumable: false, preconditionOpts: options });
    await assert.rejects(only({ ifGenerationMatch: 0 }), refused(412));
    await only({ ifGenerationMatch: generation });
    await assert.rejects(file('simple.txt').delete({ ifGenerationMatch: generation }), refused(412));
  },
  async 'copy and move'() {
    await file('simple.txt').copy(file('copied.txt'));
    await file('copied.txt').move(file('moved.txt'));
    assert.equal(String((await file('moved.txt').download())[0]), 'again');
    assert.equal((await file('copied.txt').exists())[0], false);
    await file('moved.txt').moveFileAtomic(file('moved again.txt'));
    assert.equal((await file('moved again.txt').exists())[0], true);
  },
  async compose() {
    await bucket.combine([file('simple.txt'), file('moved again.txt')], file('both.txt'));
    assert.equal(String((await file('both.txt').download())[0]), 'againagain');
  },
  async 'errors that are told and not tried again'() {
    await assert.rejects(file('none').download(), refused(404));
    await assert.rejects(file('simple.txt').download({ start: 100 }), refused(416));
    await assert.rejects(bucket.getFiles({ matchGlob: '**' }), refused(400)); // not served here
  },
  async 'the bucket'() {
    const [m] = await bucket.getMetadata();
    assert.equal(m.name, bucket.name);
    assert.match((await bucket.storage.getServiceAccount())[0].emailAddress, /@gs-project-accounts/);
    assert.ok((await bucket.storage.getBuckets())[0].some((b) => b.name === bucket.name));
  },
  async delete() {
    await bucket.deleteFiles({ prefix: 'node/' });
    assert.equal((await bucket.getFiles({ prefix: 'node/' }))[0].length, 0);
  },
};

for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
  } catch (error) {
    console.error(`${name}: ${error.stack}`);
    process.exit(1);
  }
}
