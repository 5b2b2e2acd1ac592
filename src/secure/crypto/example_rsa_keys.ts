// RSA keys for examples, since none is made from a seed: of 1,024 bits one for each of A, B and M, and one of 2,048 bits, as
// large as they should be. They protect nothing: what is read in a file is nobody's secret.

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

export const EXAMPLE_RSA_2048: RsaPrivateNumbers = rsaNumbers(
  0xeaf0c7959251ee03c533dbddc3556fe0c4583d79d2818f7280140fab3d08efae0807b4240a383b870026477e611b1786c3bcb5bd7d4901330aebf8e8b3da55a8815acd231eb281b22552013e40be3fc2d611c8756018b809c7f060802403697016f28c9bbbdf9a2425a34ec7c29d1cbb3fad82716417c5484a46e2a5784ea4fdn,
  0xd264bc342e832dcdcd4be8019f759ab372fee696ddb153b08832a7bf5d3ba646976d046acb0bb6974e518b820ad2fb7e57f5bd8642663a40e4e1fd656f88e1dd7aefd4b7dafbdb7e88dbc58b1d184fdffee82b045cc4c35f10d2f4d8678a94412ffecc8bed9c4bfb5f73242b883b9441d91bc706c14d0b7529f6bae2c69f4ad7n,
);
