// RSA keys of 1,024 bits for examples, one for each of A, B and M: keys are not made from a seed, and one read in a file is
// nobody's secret. They protect nothing.

import type { RsaPrivateNumbers } from './provider.ts';
import { rsaNumbers } from './rsa_numbers.ts';

export const EXAMPLE_RSA_KEYS: Readonly<Record<'A' | 'B' | 'M', RsaPrivateNumbers>> = {
  A: rsaNumbers(
    0xfac9e8df7b2c844e5889b19fb0b91e8fec1a7591b29118c89a73521c17a999a173c8ba00f4013ac3e74793e2ec050777592be247dd649fafa15da34d85003607n,
    0xc8c0ef624209d22899d174132f49c4d3445b9d4a5a763e84223f65756f7c472bb2194fc31cf6e7abd353fc57781b2fee5c1c935117a75ef157dd793d77af4ca1n,
  ),
  B: rsaNumbers(
    0xdcd4f77dd5607c73206ceb208d8b5f8a0c7da30c66330e4613dba71533eb0e80e010d520501da146e8cf65fbd5eaadaca1228bf02786c02ddabb85dc8b4d8845n,
    0xc780248f4161393eac2f6b1d8f6bcbaaa17de05c3f11a0509079477757078e2f68905384546991e5edac2311380b16f2964619f349c6310a99ea1c759cbe7c19n,
  ),
  M: rsaNumbers(
    0xfac35ce018fa39e3a4683d1715ceb4e74fbb31f98dc65fb7c3acca7982ebe247629704632becb8088699bb41a88907243635999a1576fbc76f732e933316d291n,
    0xdcbe99427a56b12da0ea01665747f351709f3f5f13b0efbe9afe0323e782a405ac7bef6149687cb0cc0fd05d6937f591910b7d8649660df0d89bcf86ca50a967n,
  ),
};
