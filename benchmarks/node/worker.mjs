// SPDX-License-Identifier: Apache-2.0
// The protocol of benchmarks/protocol.py, for peers that run on Node: a line of JSON each way.
import {createInterface} from 'node:readline';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

const WARM_UP = 40; // calls
const WARM_UP_MS = 2000; // at most
const LEAST = 5; // calls that are timed, however long they take

export class Fixture {
  constructor(folder) {
    this.folder = folder;
    this.unsigned = this.read('unsigned.json');
    this.raw = readFileSync(join(folder, 'signed.json'), 'utf8');
    this.key = this.read('key.json');
    this.contexts = this.read('contexts.json');
  }

  read(name) {
    return JSON.parse(readFileSync(join(this.folder, name), 'utf8'));
  }

  // The contexts that we were given, what a did:key says about itself, and nothing else.
  get documentLoader() {
    const {did, method, public: publicKeyMultibase} = this.key;
    const key = {
      '@context': 'https://w3id.org/security/multikey/v1',
      id: method, type: 'Multikey', controller: did, publicKeyMultibase,
    };
    const controller = {
      '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
      id: did, verificationMethod: [key], assertionMethod: [key],
    };
    const known = new Map(Object.entries({...this.contexts, [method]: key, [did]: controller}));
    return async url => {
      const document = known.get(url);
      if(!document) {
        throw new Error(`Not carried: ${url}`);
      }
      // What is tagged static is processed once and kept.
      const tag = url.startsWith('http') ? 'static' : undefined;
      return {contextUrl: null, documentUrl: url, document, tag};
    };
  }
}

function percentile(sorted, share) {
  return sorted[Math.max(1, Math.ceil(sorted.length * share)) - 1];
}

async function timed(call, seconds, warmUp) {
  const warmUntil = performance.now() + WARM_UP_MS;
  for(let i = 0; i < warmUp && performance.now() < warmUntil; i++) {
    await call();
  }
  const taken = [];
  const used = process.cpuUsage();
  const until = performance.now() + seconds * 1000;
  while(true) {
    const begun = performance.now();
    await call();
    const ended = performance.now();
    taken.push(ended - begun);
    if(ended >= until && taken.length >= LEAST) {
      break;
    }
  }
  const {user, system} = process.cpuUsage(used);
  taken.sort((a, b) => a - b);
  const middle = taken.length >> 1;
  const p50 = taken.length % 2 ? taken[middle] : (taken[middle - 1] + taken[middle]) / 2;
  return {count: taken.length, p50, p99: percentile(taken, 0.99), cpu: (user + system) / 1000 / taken.length};
}

export async function serve(peer, versions, operations) {
  const say = words => process.stdout.write(JSON.stringify(words) + '\n');
  const kept = new Map();
  const warm = new Set();
  say({peer, versions: {node: process.versions.node, ...versions}, ops: Object.keys(operations)});
  for await (const line of createInterface({input: process.stdin})) {
    const {op, fixture, seconds} = JSON.parse(line);
    const name = `${op} ${fixture}`;
    if(!kept.has(name)) {
      kept.set(name, await operations[op](new Fixture(fixture)));
    }
    const call = kept.get(name);
    if(!seconds) {
      say({op, output: await call()});
      continue;
    }
    const warmUp = warm.has(op) ? LEAST : WARM_UP;
    warm.add(op);
    say({op, ...await timed(call, seconds, warmUp)});
  }
}

export function version(name) {
  return JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}
