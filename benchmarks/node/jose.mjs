// SPDX-License-Identifier: Apache-2.0
import {SignJWT, generateKeyPair, jwtVerify} from 'jose';
import {serve, version} from './worker.mjs';

const operations = {};
for(const alg of ['EdDSA', 'ES256', 'RS256']) {
  const sign = ({privateKey}, members) => new SignJWT(members).setProtectedHeader({alg}).sign(privateKey);
  operations[`sign-jwt-${alg}`] = async fixture => {
    const pair = await generateKeyPair(alg);
    return () => sign(pair, fixture.unsigned);
  };
  operations[`verify-jwt-${alg}`] = async fixture => {
    const pair = await generateKeyPair(alg);
    const token = await sign(pair, fixture.unsigned);
    return async () => Boolean((await jwtVerify(token, pair.publicKey)).payload);
  };
}
await serve('jose', {jose: version('jose')}, operations);
