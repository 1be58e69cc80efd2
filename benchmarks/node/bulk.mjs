// SPDX-License-Identifier: Apache-2.0
// Signs documents one after the other, as many as fit into the given seconds, and stores none of them.
import {Fixture} from './worker.mjs';
import {libraries} from './digitalbazaar.mjs';
import {signing} from './vc.mjs';

const [folder, seconds] = process.argv.slice(2);
const fixture = new Fixture(folder);
const documents = fixture.read('many.json');
const sign = await signing(libraries, fixture);
for(let i = 0; i < 40; i++) {
  await sign(documents[i % documents.length]);
}
const used = process.cpuUsage();
const begun = performance.now();
let count = 0;
while(performance.now() < begun + Number(seconds) * 1000) {
  await sign(documents[count % documents.length]);
  count += 1;
}
const {user, system} = process.cpuUsage(used);
console.log(JSON.stringify({count, seconds: (performance.now() - begun) / 1000, cpu: (user + system) / 1e6}));
