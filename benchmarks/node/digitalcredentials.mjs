// SPDX-License-Identifier: Apache-2.0
import * as Multikey from '@digitalcredentials/ed25519-multikey';
import * as vc from '@digitalcredentials/vc';
import {DataIntegrityProof} from '@digitalcredentials/data-integrity';
import {cryptosuite} from '@digitalcredentials/eddsa-rdfc-2022-cryptosuite';
import {run} from './vc.mjs';

await run('@digitalcredentials/vc', {vc, DataIntegrityProof, cryptosuite, Multikey},
  ['@digitalcredentials/vc', '@digitalcredentials/jsonld']);
