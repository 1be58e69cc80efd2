// SPDX-License-Identifier: Apache-2.0
// Canonical forms by jsonld.js in safe mode and rdf-canonize: a document a line in, an answer a line out.
import {Fixture} from './worker.mjs';
import {libraries} from './digitalbazaar.mjs';
import {createInterface} from 'node:readline';

const {documentLoader} = new Fixture(process.argv[2]);
for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try {
    answer = {text: await libraries.cryptosuite.canonize(JSON.parse(line), {documentLoader})};
  } catch(error) {
    answer = {refused: String(error.message).slice(0, 200)};
  }
  console.log(JSON.stringify(answer));
}
