import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { milliseconds, seconds } from '../../core/time.ts';
import { TcpFlag } from '../../wire/tcp.ts';
import '../../../test/testing/setup.ts';
import { specText } from './packet_text.ts';
import { parseScript } from './parse_script.ts';
import { NotSupported, ScriptSyntaxError } from './problem.ts';
import type { PacketSpec, ScriptEvent } from './script.ts';

const only = (text: string): ScriptEvent => {
  const { events } = parseScript(text);
  const [event] = events;
  assert.ok(event !== undefined && events.length === 1, `one event, not ${events.length}`);
  return event;
};

function packet(text: string): PacketSpec {
  const event = only(`0 ${text}`);
  assert.equal(event.kind, 'packet');
  return event.kind === 'packet' ? event.packet : assert.fail();
}

test('times are absolute, relative, ranges of both, or any', () => {
  const times = (text: string) => only(`${text} > . 1:1(0) ack 1`).time;
  assert.deepEqual(times('.1'), { kind: 'absolute', at: milliseconds(100) });
  assert.deepEqual(times('+2'), { kind: 'relative', at: seconds(2) });
  assert.deepEqual(times('+ 0.25'), { kind: 'relative', at: milliseconds(250) });
  assert.deepEqual(times('1~1.5'), { kind: 'absolute-range', from: seconds(1), to: milliseconds(1500) });
  assert.deepEqual(times('+.1~+.2'), { kind: 'relative-range', from: milliseconds(100), to: milliseconds(200) });
  assert.deepEqual(times('*'), { kind: 'any' });
  const call = only('1.00...6.00 connect(3, ..., ...) = -1 ETIMEDOUT (Operation timed out)');
  assert.ok(call.kind === 'call' && call.call.end === seconds(6) && call.call.errno === 'ETIMEDOUT');
});

test('a packet is printed as it was written', () => {
  for (const text of [
    'S 0:0(0) win 65535 <mss 1460,nop,wscale 6,sackOK,TS val 100 ecr 0>',
    'S. 0:0(0) ack 1 <...>',
    'FP. 1:1001(1000) ack 1 win 257',
    'RA. 4294967295:4(5)! ack 7 win 0',
    'SEW 0:0(0) win 1',
    '- 1:1(0) win 1',
    'U. 1:2(1) ack 1 win 1 urg 1',
    '(tos 0x28, ttl 3) . 1:1(0) ack 1 win 2 <nop,nop,sack 1:2 3:4>',
    '. ...(100) ack 1 win 1',
  ]) {
    assert.equal(specText(packet(`> ${text}`)), text);
  }
});

test('the codepoints of ECN, and the field of Accurate ECN', () => {
  assert.deepEqual(packet('< [ce] . 1:1(0) ack 1 win 1').ip.trafficClass, { mask: 3, value: 3 });
  assert.deepEqual(packet('> [noecn] . 1:1(0)').ip.trafficClass, { mask: 3, value: 0 });
  assert.equal(packet('> [ect01] . 1:1(0)').ip.isAnyEct, true);
  assert.deepEqual(packet('> (af21, ecn ect0) . 1:1(0)').ip.trafficClass, { mask: 0xff, value: 0x4a });
  const { content } = packet('> P.5 1:2(1) ack 1');
  assert.ok(content.kind === 'tcp');
  assert.equal(content.flags, TcpFlag.Psh | TcpFlag.Ack | TcpFlag.Ece | 0x100);
});

test('ICMP messages and the segments that they quote', () => {
  const { content } = packet('< icmp unreachable frag_needed mtu 1234 [1:1461(1460)]');
  assert.deepEqual(content, {
    kind: 'icmp',
    type: 3,
    code: 4,
    mtu: 1234,
    identifier: 0,
    quoted: { sequence: 1, length: 1460 },
  });
  assert.deepEqual(packet('< [1:1461(1460)] icmp type_3 code_4 mtu 1234').content, content);
});

test('calls, with lists, structures, flags and notes', () => {
  const { events } = parseScript(`
    0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
    +0 fcntl(3, F_GETFL) = 0x02 (flags O_RDWR|O_NONBLOCK)
    +0 bind(3, {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("10.0.0.1")}, ...) = 0
    +0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 1}, {..., 2}], msg_flags=0}, 0) = 3
    +0 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0) = 1`);
  assert.deepEqual(
    events.map((event) => (event.kind === 'call' ? event.call.name : event.kind)),
    ['fcntl', 'fcntl', 'bind', 'sendmsg', 'poll'],
  );
});

test('comments, commands and code; commands at both ends have no time', () => {
  const { options, events } = parseScript(`// a comment
    --ip_version=ipv4 /* another
    one */ --tolerance_usecs=5000 // used below
    \`sysctl -q a=1
     sysctl -q b=2\`
    0 %{ assert tcpi_rto >= 1, 'a } in a text' }%
    \`cleanup\``);
  assert.deepEqual(
    options.map(({ name, value }) => `${name}=${value}`),
    ['ip_version=ipv4', 'tolerance_usecs=5000'],
  );
  assert.deepEqual(
    events.map(({ kind, line }) => `${kind} ${line}`),
    ['command 4', 'code 6', 'command 7'],
  );
});

test('symbols stand for values, and decide what counts', () => {
  const { events } = parseScript('--define=LENGTH=7\n0 write(4, ..., LENGTH) = LENGTH');
  const [event] = events;
  assert.ok(event?.kind === 'call');
  assert.deepEqual(event.call.result, { kind: 'integer', value: 7 });
  const both = '#ifdef STANDARD\n0 close(3) = 0\n#else\n0 close(4) = 0\n#endif\n#ifdef Other\n0 close(5) = 0\n#endif';
  assert.equal(parseScript(both).events.length, 1);
  assert.equal(parseScript(both, new Map([['Other', '']])).events.length, 2);
});

test('what is wrong is told with its line', () => {
  const cases: readonly (readonly [script: string, line: number, message: RegExp])[] = [
    ['0 > S 0:1(0)', 1, /0 and 0 bytes do not make 1/],
    ['0 < S 0:0(0)', 1, /lacks its window/],
    ['0 < S 0:0(0) win 1 <...>', 1, /stands for segments that the machine sends/],
    ['\n* < . 1:1(0) win 1', 2, /only packets that the machine sends/],
    ['0 > Q 0:0(0)', 1, /"Q" is no flag/],
    ['0 > S 0:0(0) <mss 70000>', 1, /from 0 to 65535/],
    ['0 > S 0:0(0) <fast>', 1, /"fast" is no option/],
    ['1~.5 > S 0:0(0)', 1, /goes forward/],
    ['0 < [ect01] . 1:1(0) win 1', 1, /ect01 stands for packets/],
    ['0 close(3 = 0', 1, /"\)" is missing/],
    ['0 %{ assert 1 == }%', 1, /a value is missing/],
    ['#ifdef X\n0 close(3) = 0', 2, /no #endif/],
    ['0', 1, /is missing/],
  ];
  for (const [script, line, message] of cases) {
    assert.throws(
      () => parseScript(script),
      (error) => error instanceof ScriptSyntaxError && error.line === line && message.test(error.message),
      script,
    );
  }
});

test('what this machine does not have is not called an error', () => {
  for (const script of ['0 < udp (10)', '0 > . 1:1(0)/udp(1 > 2)', '0 > S 0:0(0) <md5 valid>', '0 %{ import os }%']) {
    assert.throws(() => parseScript(script), NotSupported, script);
  }
});

test('no text makes the parser do anything but read it or say what is wrong', () => {
  const words = fc.constantFrom(
    ...'0 + * ~ ... < > S. 0:0(0) ack win 1 <mss 1460> , [ ] { } ( ) = | -1 0x2 close(3) "a" `b` %{ assert 1 }% icmp // /* */ #ifdef #endif\n'.split(
      ' ',
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((list) => list.join(' ')),
      ),
      (text) => {
        try {
          parseScript(text);
        } catch (error) {
          assert.ok(error instanceof ScriptSyntaxError || error instanceof NotSupported, String(error));
        }
      },
    ),
  );
});
