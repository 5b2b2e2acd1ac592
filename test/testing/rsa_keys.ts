// RSA keys for tests, made once: of 1,024 and 2,048 bits, and of 1,025, whose padded blocks are a byte shorter than its
// signatures. They protect nothing.

import type { RsaPrivateNumbers } from '../../src/secure/crypto/provider.ts';
import { rsaNumbers } from '../../src/secure/crypto/rsa_numbers.ts';

export const RSA_1024: RsaPrivateNumbers = rsaNumbers(
  BigInt(
    `0x${
      'c851f735a9d188ef669bffeb1df61fe31e9d7720a82aef1b8e877e188e29a99a9bbab8f266d55507a7e91c838238dc17' +
      'b7c948eb2f84b1a56247a9659a697877'
    }`,
  ),
  BigInt(
    `0x${
      'c828334c48f29746572b1ec8dd02e5c16d68f6c9539e6e5f5efe8fa75ec9f4c96ed1dd6f028e6ef6e2212a279d1a1454' +
      'e826deef18607fc4026f1d1f22d50c33'
    }`,
  ),
);

export const RSA_2048: RsaPrivateNumbers = rsaNumbers(
  BigInt(
    `0x${
      'eaf0c7959251ee03c533dbddc3556fe0c4583d79d2818f7280140fab3d08efae0807b4240a383b870026477e611b1786' +
      'c3bcb5bd7d4901330aebf8e8b3da55a8815acd231eb281b22552013e40be3fc2d611c8756018b809c7f0608024036970' +
      '16f28c9bbbdf9a2425a34ec7c29d1cbb3fad82716417c5484a46e2a5784ea4fd'
    }`,
  ),
  BigInt(
    `0x${
      'd264bc342e832dcdcd4be8019f759ab372fee696ddb153b08832a7bf5d3ba646976d046acb0bb6974e518b820ad2fb7e' +
      '57f5bd8642663a40e4e1fd656f88e1dd7aefd4b7dafbdb7e88dbc58b1d184fdffee82b045cc4c35f10d2f4d8678a9441' +
      '2ffecc8bed9c4bfb5f73242b883b9441d91bc706c14d0b7529f6bae2c69f4ad7'
    }`,
  ),
);

export const RSA_1025: RsaPrivateNumbers = rsaNumbers(
  BigInt(
    `0x${
      '01d758b87278b7bdb7c69f056899e7e567203d97708d671f9c071fcab06b521bf5349cd263c98b977a021e032c744806' +
      'bb025d9e748eb21ff61e0cff1d9264dbb3'
    }`,
  ),
  BigInt(
    `0x${
      'd8c3b95991286ed4730669ebef4669329daba89b1f03a728f91c4cf4cb521a89a79d3b67b0f3f77f802da48fb7f366ce' +
      '205837a944c961c175fa815e3ad40ddb'
    }`,
  ),
);
