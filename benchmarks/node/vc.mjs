// SPDX-License-Identifier: Apache-2.0
// What @digitalbazaar/vc and @digitalcredentials/vc have in common: the same calls, each with its own libraries.
import {serve, version} from './worker.mjs';

export async function signing(libraries, fixture) {
  const {vc, DataIntegrityProof, cryptosuite, Multikey} = libraries;
  const {key} = fixture;
  const pair = await Multikey.from({
    '@context': 'https://w3id.org/security/multikey/v1', type: 'Multikey', id: key.method, controller: key.did,
    publicKeyMultibase: key.public, secretKeyMultibase: key.secret,
  });
  const suite = new DataIntegrityProof({signer: pair.signer(), date: key.created, cryptosuite});
  const {documentLoader} = fixture;
  return credential => vc.issue({credential: {...credential}, suite, documentLoader});
}

export async function verifying(libraries, fixture) {
  const {vc, DataIntegrityProof, cryptosuite} = libraries;
  const suite = new DataIntegrityProof({cryptosuite});
  const {documentLoader} = fixture;
  // The status list is left out: it lies ready, for everybody.
  const checkStatus = async () => ({verified: true});
  return credential => vc.verifyCredential({credential, suite, documentLoader, checkStatus});
}

export async function run(peer, libraries, packages) {
  const versions = Object.fromEntries(packages.map(name => [name, version(name)]));
  await serve(peer, versions, {
    async issue(fixture) {
      const sign = await signing(libraries, fixture);
      return async () => JSON.stringify(await sign(fixture.unsigned));
    },
    async verify(fixture) {
      const check = await verifying(libraries, fixture);
      return async () => (await check(JSON.parse(fixture.raw))).verified;
    },
    async canonicalize(fixture) {
      const {documentLoader} = fixture;
      return () => libraries.cryptosuite.canonize(fixture.unsigned, {documentLoader});
    },
  });
}
