// What every kind of store does alike.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gunzipSync, gzipSync } from "node:zlib";
import { keepOn } from "../../src/artifacts/keep-on.ts";
import type { Shelf } from "../../src/artifacts/shelf.ts";
import { sha256 } from "../../src/domain/sha256.ts";
import { faultLike } from "../store/loop-fixture.ts";
import { KINDS } from "./kinds.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), "ratchet-local-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const localFile = (bytes: Uint8Array) => {
  const path = join(folder, randomBytes(8).toString("hex"));
  writeFileSync(path, bytes);
  return path;
};
const large = Buffer.concat([randomBytes(9 * MIB), Buffer.alloc(12 * MIB, "much the same")]); // three parts in S3
const nameOf = (loop: string, hash: string) => `${loop}/${hash.slice(0, 2)}/${hash}`;
const collected = async (stream: Readable) => Buffer.concat(await stream.toArray());

for (const [kind, open] of Object.entries(KINDS)) {
  describe(`artifacts ${kind}`, async () => {
    const store = await open();
    after(() => store.close());
    const { artifacts } = store;

    test("what is put comes back byte by byte, at once and as a stream", async () => {
      for (const bytes of [Buffer.from("hello"), Buffer.alloc(0), Buffer.from([0, 255, 10, 13]), large]) {
        const name = await artifacts.put("bytes", bytes);
        assert.equal(name, sha256(bytes));
        assert.ok((await artifacts.get("bytes", name)).equals(bytes));
        assert.ok((await collected(await artifacts.read("bytes", name))).equals(bytes));
      }
    });

    test("a file is kept under the hash of its content, and again is harmless", async () => {
      for (const bytes of [large, Buffer.alloc(0), Buffer.from("small")]) {
        const path = localFile(bytes);
        for (let round = 0; round < 2; round++)
          assert.deepEqual(await artifacts.putFile("files", path), { sha256: sha256(bytes), bytes: bytes.length });
        assert.ok((await artifacts.get("files", sha256(bytes))).equals(bytes));
      }
      assert.equal(store.names("files").length, 3);
    });

    test("two processes that keep the same file at once both succeed", async () => {
      const path = localFile(large);
      const script = fileURLToPath(new URL("./put-file.ts", import.meta.url));
      const children = [1, 2].map(() => fork(script, [store.address, "both", path]));
      await Promise.all(children.map((child) => once(child, "message")));
      const kept = children.map((child) => once(child, "message"));
      for (const child of children) child.send("go");
      for (const [said] of await Promise.all(kept))
        assert.deepEqual(said, { sha256: sha256(large), bytes: large.length });
      assert.ok((await artifacts.get("both", sha256(large))).equals(large));
      assert.deepEqual(store.names("both"), [nameOf("both", sha256(large))]);
    });

    test("each loop has its own, and no crafted name leads to another's", async () => {
      const hash = await artifacts.put("mine", Buffer.from("private"));
      const missing = faultLike("not_found", /of loop "other" is not in the artifact store/);
      await assert.rejects(artifacts.get("other", hash), missing);
      await assert.rejects(artifacts.read("other", hash), missing);
      await assert.rejects(artifacts.compress("other", hash), missing);
      for (const crafted of [
        `../../mine/${hash.slice(0, 2)}/${hash}`,
        hash.toUpperCase(),
        hash.slice(1),
        `${hash}.gz`,
        "",
      ])
        for (const asked of [artifacts.get, artifacts.read, artifacts.compress, artifacts.delete])
          await assert.rejects(asked("other", crafted), faultLike("invalid", /no name of a file/));
      for (const crafted of ["../mine", "", ".", "mine/..", "Mine", "mine\0"])
        for (const asked of [artifacts.get, artifacts.read, artifacts.compress, artifacts.delete])
          await assert.rejects(asked(crafted, hash), faultLike("invalid", /no loop's name/));
      await assert.rejects(artifacts.put("../mine", Buffer.from("x")), faultLike("invalid", /no loop's name/));
      await artifacts.delete("other", hash);
      assert.equal((await artifacts.get("mine", hash)).toString(), "private");
    });

    test("bytes that were changed or cut are never handed out whole, and putting them again mends them", async () => {
      const small = Buffer.from("precious");
      for (const bytes of [small, large]) {
        const hash = await artifacts.put("spoilt", bytes);
        for (const bad of [
          Buffer.concat([bytes.subarray(0, -1), Buffer.from("\x01")]),
          bytes.subarray(0, -1),
          Buffer.alloc(0),
        ]) {
          store.spoil(nameOf("spoilt", hash), bad);
          await assert.rejects(artifacts.get("spoilt", hash), /does not have the bytes/);
          let seen = 0;
          await assert.rejects(async () => {
            for await (const part of await artifacts.read("spoilt", hash)) seen += part.length;
          }, /does not have the bytes/);
          assert.ok(seen < bytes.length, "who counts the bytes sees that some are missing");
        }
        await artifacts.put("spoilt", bytes);
        assert.ok((await artifacts.get("spoilt", hash)).equals(bytes));
      }
      const hash = sha256(small);
      store.spoil(nameOf("spoilt", hash), Buffer.from("preciouS"));
      await assert.rejects(
        artifacts.read("spoilt", hash),
        /does not have the bytes/,
        "a small one fails before it begins",
      );
    });

    test("a file that changes while it is kept is refused, and leaves nothing behind", async () => {
      const path = localFile(large);
      const late = keepOn({
        ...store.shelf,
        put: (name, bytes, signal) => {
          appendFileSync(path, "more");
          return store.shelf.put(name, bytes, signal);
        },
      });
      await assert.rejects(late.putFile("changing", path), faultLike("conflict", /changed while it was being kept/));
      assert.deepEqual(store.names("changing"), []);
      await assert.rejects(artifacts.putFile("changing", join(folder, "nowhere")), /ENOENT/);
    });

    test("who aborts gets his own reason, and nothing is left behind", async () => {
      const reason = new Error("enough");
      const stopping = new AbortController();
      const source = Readable.from(
        (function* () {
          for (let part = 0; part < 21; part++) {
            if (part === 17) stopping.abort(reason); // in S3, two parts are there
            yield large.subarray(part * MIB, (part + 1) * MIB);
          }
        })(),
        { objectMode: false },
      );
      await assert.rejects(store.shelf.put(nameOf("aborted", sha256(large)), source, stopping.signal));
      await assert.rejects(artifacts.putFile("aborted", localFile(large), stopping.signal), reason);
      assert.deepEqual(store.names("aborted"), []);
      const hash = await artifacts.put("aborted", large);
      await assert.rejects(artifacts.compress("aborted", hash, stopping.signal), reason);
      await assert.rejects(artifacts.read("aborted", hash, stopping.signal), reason);
      const later = new AbortController();
      await assert.rejects(
        async () => {
          for await (const _ of await artifacts.read("aborted", hash, later.signal)) later.abort(reason);
        },
        { name: "AbortError" },
      );
      assert.deepEqual(store.names("aborted"), [nameOf("aborted", hash)]);
    });

    test("a file that was gzipped takes less room, is read as before, and again is harmless", async () => {
      for (const bytes of [large, Buffer.alloc(0), Buffer.from("small")]) {
        const hash = await artifacts.put("old", bytes);
        for (let round = 0; round < 2; round++) {
          await artifacts.compress("old", hash);
          const [name] = store.names("old");
          assert.deepEqual(store.names("old"), [`${nameOf("old", hash)}.gz`]);
          assert.ok(gunzipSync(store.peek(name!)).equals(bytes));
          assert.ok((await artifacts.get("old", hash)).equals(bytes));
          assert.ok((await collected(await artifacts.read("old", hash))).equals(bytes));
        }
        if (bytes === large) assert.ok(store.peek(store.names("old")[0]!).length < 0.6 * large.length);
        await artifacts.put("old", bytes);
        assert.ok((await artifacts.get("old", hash)).equals(bytes), "put again, it is there in both forms");
        await artifacts.delete("old", hash);
        assert.deepEqual(store.names("old"), []);
        await assert.rejects(artifacts.get("old", hash), faultLike("not_found", /not in the artifact store/));
      }
    });

    test("what is damaged is not gzipped, and a gzipped file that is damaged is not handed out", async () => {
      const hash = await artifacts.put("rotten", large);
      const name = nameOf("rotten", hash);
      store.spoil(name, large.subarray(0, 11 * MIB));
      await assert.rejects(artifacts.compress("rotten", hash), /does not have the bytes/);
      assert.deepEqual(store.names("rotten"), [name]);
      await artifacts.put("rotten", large);
      await artifacts.compress("rotten", hash);
      const whole = store.peek(`${name}.gz`);
      for (const bad of [whole.subarray(0, -9), gzipSync("another"), Buffer.from("no gzip"), Buffer.alloc(0)]) {
        store.spoil(`${name}.gz`, bad);
        await assert.rejects(artifacts.get("rotten", hash), /does not have the bytes/);
      }
    });

    test("killed at any step of gzipping, the file is there, and the next try ends the work", async () => {
      const steps = ["open", "put", "put, at its end", "open again", "delete", "delete, at its end"];
      for (const [dies, step] of steps.entries()) {
        const bytes = Buffer.from(`dies at ${step}`);
        const hash = await artifacts.put("killed", bytes);
        await assert.rejects(keepOn(dying(store.shelf, dies)).compress("killed", hash), /killed/);
        assert.ok((await artifacts.get("killed", hash)).equals(bytes), step);
        await artifacts.compress("killed", hash);
        assert.ok((await artifacts.get("killed", hash)).equals(bytes), step);
        assert.deepEqual(store.names("killed"), [`${nameOf("killed", hash)}.gz`], step);
        await artifacts.delete("killed", hash);
      }
    });

    test("the plain form stays when the store spoils the gzipped one", async () => {
      const hash = await artifacts.put("liar", large);
      const name = nameOf("liar", hash);
      const liar: Shelf = {
        ...store.shelf,
        put: async (name, bytes, signal) => {
          await store.shelf.put(name, bytes, signal);
          store.spoil(name, gzipSync("something else"));
        },
      };
      await assert.rejects(keepOn(liar).compress("liar", hash), /does not have the bytes/);
      assert.ok((await artifacts.get("liar", hash)).equals(large));
      await artifacts.compress("liar", hash);
      assert.deepEqual(store.names("liar"), [`${name}.gz`]);
      assert.ok((await artifacts.get("liar", hash)).equals(large));
    });

    test("who reads while the file is gzipped reads it to its end", async () => {
      const hash = await artifacts.put("reading", large);
      const slow = await artifacts.read("reading", hash);
      const parts: Buffer[] = [];
      const reader = slow[Symbol.asyncIterator]();
      parts.push((await reader.next()).value);
      let compressing = true;
      const gzipping = artifacts.compress("reading", hash).finally(() => {
        compressing = false;
      });
      let reads = 0;
      for (; compressing || reads < 3; reads++) assert.ok((await artifacts.get("reading", hash)).equals(large));
      await gzipping;
      for (let next = await reader.next(); next.done !== true; next = await reader.next()) parts.push(next.value);
      assert.ok(Buffer.concat(parts).equals(large));
    });

    test("keeping and reading 200 MB takes a small part of that in memory", async () => {
      const path = join(folder, "200-megabytes");
      const block = randomBytes(4 * MIB);
      const hash = createHash("sha256");
      const file = openSync(path, "w");
      for (let part = 0; part < 50; part++) {
        block.writeUInt32LE(part);
        writeSync(file, block);
        hash.update(block);
      }
      closeSync(file);
      const held = () => {
        collectGarbage(); // what is only waiting to be collected is not held
        const { heapUsed, external } = process.memoryUsage();
        return heapUsed + external;
      };
      const before = held();
      let most = 0;
      async function* watched(bytes: AsyncIterable<Buffer>) {
        let passed = 0;
        for await (const part of bytes) {
          yield part;
          const marks = Math.floor(passed / (20 * MIB));
          passed += part.length;
          if (Math.floor(passed / (20 * MIB)) > marks) most = Math.max(most, held());
        }
      }
      const watching = keepOn({
        ...store.shelf,
        put: (name, bytes, signal) =>
          store.shelf.put(name, Readable.from(watched(bytes), { objectMode: false }), signal),
      });
      const kept = await watching.putFile("large", path);
      assert.deepEqual(kept, { sha256: hash.digest("hex"), bytes: 200 * MIB });
      const whilePutting = most;
      let bytes = 0;
      for await (const part of watched(await watching.read("large", kept.sha256))) bytes += part.length;
      assert.equal(bytes, kept.bytes);
      const share = (most - before) / (200 * MIB);
      assert.ok(whilePutting > 0, "nothing was measured");
      // In S3 the server has its share of it: it is in this process.
      assert.ok(share < 0.6, `it took ${share.toFixed(2)} of the file's size`);
    });

    test("a store that is well says so, and what was tried is taken away", async () => {
      await artifacts.check();
      assert.deepEqual(
        store.names("").filter((name) => name.includes("check")),
        [],
      );
    });
  });
}

/** A shelf whose process is killed before its nth step, or when a put or delete has worked and nobody was told. */
function dying(shelf: Shelf, dies: number): Shelf {
  let step = -1;
  const live = () => {
    if (++step >= dies) throw new Error("killed");
  };
  return {
    async put(name, bytes, signal) {
      live();
      await shelf.put(name, bytes, signal);
      live();
    },
    async open(name, signal) {
      live();
      return shelf.open(name, signal);
    },
    has: shelf.has,
    async delete(name) {
      live();
      await shelf.delete(name);
      live();
    },
    check: shelf.check,
  };
}
