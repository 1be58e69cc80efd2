// SPDX-License-Identifier: Apache-2.0
import * as Multikey from '@digitalbazaar/ed25519-multikey';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {fileURLToPath} from 'node:url';
import {run} from './vc.mjs';

export const libraries = {vc, DataIntegrityProof, cryptosuite, Multikey};

if(process.argv[1] === fileURLToPath(import.meta.url)) {
  await run('@digitalbazaar/vc', libraries, ['@digitalbazaar/vc', 'jsonld', 'rdf-canonize']);
}
