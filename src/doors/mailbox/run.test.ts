import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textOf, utf8 } from '../../core/bytes.ts';
import { readCapture } from '../../wire/pcapng_reader.ts';
import {
  IN_THE_PAST,
  type Lab,
  LEVELS,
  type Level,
  MAX_MESSAGE,
  MAX_TIMEOUTS,
  type Main,
  mailbox,
  type Outcome,
  TOO_LONG,
  TOO_MANY_TIMEOUTS,
} from './index.ts';
import { main as resend } from './ladder/resend.ts';

/** A program on a perfect medium, with a note of what it saw. */
function seen(program: (lab: Lab, note: (text: string) => void) => void): { notes: string[]; outcome: Outcome } {
  const notes: string[] = [];
  const outcome = mailbox({}, (lab) => program(lab, (text) => notes.push(text)));
  return { notes, outcome };
}

test('the loop calls recvd and callbacks in the order of virtual time, messages before timeouts', () => {
  const { notes, outcome } = seen(({ alice, bob, waitForAllTimeouts }, note) => {
    bob.recvd = (bytes) => note(`${bob.now} recvd ${textOf(bytes)}`);
    alice.setTimeout(5, () => {
      note(`${alice.now} callback`);
      alice.send('later');
    });
    bob.setTimeout(10, () => note(`${bob.now} callback of bob`));
    alice.send('hello');
    note('main waits');
    waitForAllTimeouts();
    note(`main goes on at ${alice.now}`);
  });
  assert.deepEqual(notes, [
    'main waits',
    '5 callback',
    '10 recvd hello',
    '10 callback of bob',
    '15 recvd later',
    'main goes on at 20', // ARP: Bob's machine is asked whether it is still there, and its answer is under way
  ]);
  assert.equal(outcome.isExact, false);
});

test('waitForAllTimeouts is the loop of the engine: nothing happens before it, and it may be called again', () => {
  const { notes, outcome } = seen(({ alice, bob, letters, deliver, waitForAllTimeouts }, note) => {
    bob.recvd = deliver;
    for (const letter of letters) {
      alice.send(letter);
      note('sent');
      waitForAllTimeouts();
    }
  });
  assert.equal(notes.length, 8);
  assert.equal(outcome.problem, undefined);
  assert.deepEqual([outcome.isExact, outcome.deliveredCount, outcome.deliveredAt], [true, 8, 90]);
});

test('a message is sent and arrives after 10 ms however long it was quiet before', () => {
  const arrived: number[] = [];
  const seconds = [1, 29, 30, 31, 59, 60, 61, 89, 90, 91, 150, 590];
  const outcome = mailbox({ letters: ['x'] }, ({ alice, bob, deliver, waitForAllTimeouts }) => {
    alice.recvd = () => arrived.push(alice.now);
    bob.recvd = (bytes) => {
      arrived.push(bob.now);
      if (bob.now < 2000) deliver(bytes);
      bob.setTimeout(100_000, () => bob.send('long since'));
    };
    for (const each of seconds) alice.setTimeout(each * 1000, () => alice.send('x'));
    waitForAllTimeouts();
  });
  const due = seconds.flatMap((each) => [each * 1000 + 10, each * 1000 + 100_020]);
  assert.equal(outcome.error, undefined);
  assert.deepEqual(
    arrived,
    due.filter((each) => each < 600_000).sort((a, b) => a - b),
  );
});

test('the answer after a minute and more of silence finds its way, too', () => {
  for (const patience of [30, 60, 61, 89, 90, 120, 400]) {
    const outcome = mailbox({ letters: ['x'] }, ({ alice, bob, letters, deliver, waitForAllTimeouts }) => {
      alice.recvd = deliver;
      bob.recvd = (bytes) => void bob.setTimeout(patience * 1000, () => bob.send(bytes));
      for (const letter of letters) alice.send(letter);
      waitForAllTimeouts();
    });
    assert.deepEqual([outcome.problem, outcome.deliveredAt], [undefined, patience * 1000 + 20]);
  }
});

test('a timeout of 0 ms waits for the loop too, in main and across the ends', () => {
  const { notes } = seen(({ alice, bob, waitForAllTimeouts }, note) => {
    alice.setTimeout(0, () => {
      bob.setTimeout(0, () => note('callback of bob'));
      const cleared = bob.setTimeout(0, () => note('never'));
      bob.clearTimeout(cleared);
      note('callback of alice');
    });
    note('main waits');
    waitForAllTimeouts();
  });
  assert.deepEqual(notes, ['main waits', 'callback of alice', 'callback of bob']);
});

test('setTimeout says what it cannot do, and clearTimeout whether there was anything to clear', () => {
  const { notes, outcome } = seen(({ alice, waitForAllTimeouts }, note) => {
    assert.equal(
      alice.setTimeout(-1, () => note('never')),
      IN_THE_PAST,
    );
    const ids = Array.from({ length: MAX_TIMEOUTS }, () => alice.setTimeout(10, () => note('fired')));
    assert.ok(ids.every((id) => id > 0));
    assert.equal(
      alice.setTimeout(10, () => note('never')),
      TOO_MANY_TIMEOUTS,
    );
    for (const id of ids.slice(1)) assert.equal(alice.clearTimeout(id), true);
    waitForAllTimeouts();
    for (const id of ids) assert.equal(alice.clearTimeout(id), false);
  });
  assert.deepEqual(notes, ['fired']);
  assert.match(outcome.problem ?? '', /alice was refused \(setTimeout: 1 ms ago is in the past\)/);
});

test('a timeout that is cleared keeps nothing waiting', () => {
  const { outcome } = seen(({ alice, waitForAllTimeouts }) => {
    const timeout = alice.setTimeout(1000, () => {});
    alice.setTimeout(1, () => alice.clearTimeout(timeout));
    waitForAllTimeouts();
  });
  assert.equal(outcome.endedAt, 1);
});

test('a message that is too long is refused, and the longest one arrives', () => {
  const { notes } = seen(({ alice, bob, maxMessage, waitForAllTimeouts }, note) => {
    assert.equal(maxMessage, MAX_MESSAGE);
    bob.recvd = (bytes) => note(String(bytes.length));
    assert.equal(alice.send(new Uint8Array(maxMessage + 1)), TOO_LONG);
    assert.equal(alice.send(new Uint8Array(maxMessage)), 0);
    assert.equal(alice.send(''), 0);
    waitForAllTimeouts();
  });
  assert.deepEqual(notes, [String(MAX_MESSAGE), '0']);
});

const PROBLEMS: readonly (readonly [title: string, program: Main, problem: RegExp])[] = [
  [
    'delivers nothing',
    ({ waitForAllTimeouts }) => waitForAllTimeouts(),
    /^0 of 8 letters .* nothing is left to happen/,
  ],
  ['does not wait', ({ alice }) => void alice.send('x'), /end it with waitForAllTimeouts\(\)$/],
  [
    'throws in a callback',
    ({ alice, waitForAllTimeouts }) => {
      alice.setTimeout(1, () => {
        throw new RangeError('oh');
      });
      waitForAllTimeouts();
    },
    /^the program threw RangeError: oh$/,
  ],
  ['throws in main', () => assert.fail('oh'), /^the program threw AssertionError: oh$/],
  [
    'waits within a callback',
    ({ alice, waitForAllTimeouts }) => {
      alice.setTimeout(1, waitForAllTimeouts);
      waitForAllTimeouts();
    },
    /waitForAllTimeouts\(\) is for main/,
  ],
  [
    'goes on for ever',
    ({ alice, waitForAllTimeouts }) => {
      const again = (): void => void alice.setTimeout(100, again);
      again();
      waitForAllTimeouts();
    },
    /^stopped after 10 virtual minutes; 0 of 8/,
  ],
  [
    'lets time stand still',
    ({ alice, waitForAllTimeouts }) => {
      const again = (): void => void alice.setTimeout(0, again);
      again();
      waitForAllTimeouts();
    },
    /time stands still/,
  ],
  [
    'answers every message twice',
    ({ alice, bob, waitForAllTimeouts }) => {
      for (const each of [alice, bob]) {
        each.recvd = (bytes) => {
          each.send(bytes);
          each.send(bytes);
        };
      }
      alice.send('x');
      waitForAllTimeouts();
    },
    /^stopped after 100000 messages and timeouts/,
  ],
  [
    'sends in an endless loop in main',
    ({ alice }) => {
      for (;;) alice.send('x');
    },
    /^stopped after 100000 messages and timeouts; 0 of 8 letters were delivered$/,
  ],
  [
    'sends in an endless loop in recvd',
    ({ alice, bob, waitForAllTimeouts }) => {
      bob.recvd = () => {
        for (;;) bob.send('x');
      };
      alice.send('x');
      waitForAllTimeouts();
    },
    /^stopped after 100000 messages and timeouts/,
  ],
  [
    'sends what is too long in an endless loop, in a callback',
    ({ alice, maxMessage, waitForAllTimeouts }) => {
      alice.setTimeout(1, () => {
        for (;;) alice.send(new Uint8Array(maxMessage + 1));
      });
      waitForAllTimeouts();
    },
    /^stopped after 100000 .* alice was refused \(send: 65 bytes are too long, 64 are the most\)$/,
  ],
  [
    'sets timeouts in an endless loop',
    ({ bob }) => {
      for (;;) bob.setTimeout(1, () => {});
    },
    /^stopped after 100000 .* bob was refused \(setTimeout: 32 are pending/,
  ],
  [
    'hands over in an endless loop, after a wrong letter',
    ({ bob, alice, deliver, waitForAllTimeouts }) => {
      bob.recvd = () => {
        for (;;) deliver('x');
      };
      alice.send('x');
      waitForAllTimeouts();
    },
    /^1 bytes that are no letter were delivered where letter 1 was due$/,
  ],
  [
    'waits for time to pass in a loop of its own',
    ({ alice }) => {
      while (alice.now < 100);
    },
    /^stopped after 10000000 calls: time passes in waitForAllTimeouts\(\) alone; 0 of 8/,
  ],
  [
    'waits for ever for what is not under way',
    ({ waitForAllTimeouts }) => {
      for (;;) waitForAllTimeouts();
    },
    /^stopped after 10000000 calls/,
  ],
  ['sends a number', ({ alice }) => void alice.send(7 as never), /send takes bytes, a Uint8Array, or text; not number/],
  [
    'mixes up arguments',
    ({ alice }) => void alice.setTimeout((() => {}) as never, 1 as never),
    /setTimeout\(100, callback\)/,
  ],
  ['is asynchronous', (async () => {}) as never, /^main is asynchronous: leave async and await away/],
  [
    'is asynchronous in recvd',
    ({ alice, bob, letters, deliver, waitForAllTimeouts }) => {
      bob.recvd = async (bytes) => {
        await 0;
        deliver(bytes);
      };
      for (const letter of letters) alice.send(letter);
      waitForAllTimeouts();
    },
    /^bob\.recvd is asynchronous: leave async and await away, time passes in waitForAllTimeouts\(\) alone$/,
  ],
  [
    'is asynchronous in a callback, and throws there',
    ({ alice, waitForAllTimeouts }) => {
      alice.setTimeout(1, async () => {
        throw new Error('oh');
      });
      waitForAllTimeouts();
    },
    /^a callback of alice\.setTimeout is asynchronous: leave async/,
  ],
  [
    'gives recvd something that is no function',
    ({ bob }) => {
      bob.recvd = 'hello' as never;
    },
    /^the program threw TypeError: recvd is a function: bob\.recvd = \(bytes\) => \{ \.\.\. \}; not string$/,
  ],
];

for (const [title, program, problem] of PROBLEMS) {
  test(`a program that ${title} is told so`, () => {
    const outcome = mailbox({}, program);
    assert.equal(outcome.isExact, false);
    assert.match(outcome.problem ?? '', problem);
  });
}

test('what is remembered of a run that was stopped has a bound, and no error of the program’s', () => {
  const outcome = mailbox({}, ({ alice }) => {
    for (;;) alice.send('x');
  });
  assert.deepEqual([outcome.events.length, outcome.error], [100_000, undefined]);
});

test('what a callback throws is kept as it was', () => {
  const thrown = new Error('oh');
  const { error } = mailbox({}, ({ alice, waitForAllTimeouts }) => {
    alice.setTimeout(1, () => {
      throw thrown;
    });
    waitForAllTimeouts();
  });
  assert.equal(error, thrown);
});

test('whatever is thrown is told', () => {
  const nameless = Object.create(null);
  const badly = Object.assign(new Error('oh'), { name: Symbol('x') });
  for (const [thrown, told] of [
    [undefined, 'undefined'],
    ['oh', 'oh'],
    [Symbol('oh'), 'Symbol(oh)'],
    [nameless, 'something that has no text'],
    [badly, 'something that has no text'],
  ] as const) {
    const { problem, error } = mailbox({}, () => {
      throw thrown;
    });
    assert.equal(problem, `the program threw ${told}`);
    assert.equal(error, thrown);
  }
});

test('letters are the program’s own: what it does to them reaches neither the judge nor the next run', () => {
  const sendAll: Main = ({ alice, bob, letters, deliver, waitForAllTimeouts }) => {
    bob.recvd = (bytes) => {
      deliver(bytes);
      bytes.fill(0);
    };
    for (let letter = letters.shift(); letter !== undefined; letter = letters.shift()) {
      alice.send(letter);
      letter.fill(0x41);
    }
    waitForAllTimeouts();
  };
  const deliverForged: Main = ({ letters, deliver }) => {
    for (const letter of letters) deliver(letter.fill(0x41));
    letters.length = 0;
  };
  const own = ['eins', utf8('zwei')];
  for (const options of [{ level: 1 }, { level: 7 }, { letters: own }]) {
    const forged = mailbox(options, deliverForged);
    assert.match(forged.problem ?? '', /^\d+ bytes that are no letter were delivered where letter 1 was due$/);
    const emptied = mailbox(options, ({ letters }) => void letters.splice(0));
    assert.match(emptied.problem ?? '', /^0 of [28] letters were delivered/);
  }
  for (const seed of [1, 2]) {
    const outcome = mailbox({ level: 1, seed }, sendAll);
    assert.deepEqual([outcome.problem, outcome.deliveredCount], [undefined, 8]);
    for (const letter of outcome.letters) (letter as Uint8Array).fill(0x41);
  }
  assert.deepEqual(own, ['eins', utf8('zwei')]);
});

test('the levels that a program imports are a copy', () => {
  const [perfect] = LEVELS as Level[];
  for (const letter of perfect?.letters ?? []) letter.fill(0x41);
  Object.assign(perfect?.medium.toBob ?? {}, { loss: 1 });
  assert.equal(mailbox({ level: 1 }, resend).problem, undefined);
});

test('the run ends with the first wrong letter', () => {
  const { notes, outcome } = seen(({ alice, bob, letters, deliver, waitForAllTimeouts }, note) => {
    bob.recvd = (bytes) => {
      note('recvd');
      deliver(bytes);
      bob.send('got it'); // the rest of the callback still happens
    };
    alice.send(letters[0] ?? '');
    alice.send(letters[0] ?? '');
    alice.send(letters[1] ?? '');
    waitForAllTimeouts();
  });
  assert.equal(notes.length, 2);
  assert.equal(outcome.problem, 'letter 1 was delivered again, where letter 2 was due');
  assert.equal(outcome.error, undefined);
  assert.equal(outcome.deliveredCount, 1);
});

test('who comes after main has ended is told so', () => {
  let kept: Lab | undefined;
  mailbox({}, (lab) => {
    kept = lab;
  });
  assert.throws(() => kept?.alice.send('x'), /main has ended/);
  assert.throws(() => kept?.alice.setTimeout(1, () => {}), /main has ended/);
  assert.throws(() => kept?.deliver('x'), /main has ended/);
  assert.throws(() => kept?.waitForAllTimeouts(), /main has ended/);
  assert.equal(kept?.alice.now, 0);
});

test('a level, a seed and a program that there are not are refused', () => {
  assert.throws(() => mailbox({ level: 8 }, resend), /level is a whole number from 1 to 7/);
  assert.throws(() => mailbox({ seed: -1 }, resend), /seed is a whole number/);
  assert.throws(() => mailbox({}, 'main' as never), /mailbox takes options, then a function/);
  assert.throws(() => mailbox({ letters: 'abc' as never }, resend), /letters is an array/);
  assert.throws(() => mailbox({ medium: { toBob: { loss: 2 }, toAlice: {} } }, resend), /loss is a probability/);
});

test('options that there are not are refused, with what was probably meant', () => {
  const medium = { toBob: {}, toAlice: {} };
  const cases: readonly (readonly [options: unknown, told: RegExp])[] = [
    [null, /^mailbox takes options, then a function/],
    [undefined, /^mailbox takes options, then a function/],
    [3, /^mailbox takes options, then a function/],
    [{ levl: 3 }, /^mailbox has no option levl: did you mean "level"\?$/],
    [{ zzz: 3 }, /^mailbox has no option zzz: known: level, seed, letters, medium, isCapturing$/],
    [{ level: '3' }, /^level is a whole number from 1 to 7, not "3"$/],
    [{ isCapturing: 'no' }, /^isCapturing is true or false, not "no"$/],
    [{ medium: null }, /^medium is \{ toBob, toAlice \}, each with faults, like \{ loss: 0\.5 \}, or \{\}; not null$/],
    [{ medium: {} }, /^medium has no toBob: it is \{ toBob, toAlice \}, each with faults/],
    [{ medium: { toBob: {} } }, /^medium has no toAlice: it is \{ toBob, toAlice \}, each with faults/],
    [{ medium: { ...medium, toBbo: {} } }, /^medium has no toBbo: did you mean "toBob"\?$/],
    [{ medium: { ...medium, toBob: 0.5 } }, /^medium\.toBob is an object of faults, like \{ loss: 0\.5 \}, not 0\.5$/],
    [{ medium: { ...medium, toBob: { los: 0.5 } } }, /^medium\.toBob has no los: did you mean "loss"\?$/],
    [{ medium: { ...medium, toAlice: { jitter: '5' } } }, /^medium\.toAlice\.jitter is a number, not "5"$/],
  ];
  for (const [options, told] of cases) {
    assert.throws(
      () => mailbox(options as never, resend),
      ({ name, message }: Error) => /^(Type|Range)Error$/.test(name) && told.test(message),
      String(told),
    );
  }
  const left = { level: undefined, medium: { toBob: { loss: undefined }, toAlice: {} } };
  assert.equal(mailbox(left as never, resend).problem, undefined);
});

test('letters and media of one’s own', () => {
  const letters = ['eins', utf8('zwei')];
  const outcome = mailbox({ letters, medium: { toBob: { loss: 0.5 }, toAlice: {} } }, resend);
  assert.deepEqual([outcome.isExact, outcome.deliveredCount], [true, 2]);
  assert.ok(outcome.events.some((event) => event.kind === 'message' && event.fate.kind === 'lost'));
});

test('the capture holds a frame for each message, as it was sent, with no checksum', () => {
  const outcome = mailbox({ level: 7, seed: 5 }, ({ alice, waitForAllTimeouts }) => {
    for (let i = 0; i < 50; i++) alice.send(`message ${i}`);
    waitForAllTimeouts();
  });
  const frames = readCapture(outcome.pcapng()).packets.filter(({ data }) => data[12] === 8 && data[13] === 0);
  const sent = outcome.events.filter((event) => event.kind === 'message');
  assert.equal(sent.length, 50);
  assert.deepEqual(
    frames.map(({ data }) => textOf(data.subarray(42))),
    sent.map(({ bytes }) => textOf(bytes)),
  );
  for (const { data } of frames) assert.deepEqual([data[40], data[41]], [0, 0]);
});

const FAULTS = fc.record({
  loss: fc.double({ min: 0, max: 1, noNaN: true }),
  duplicate: fc.double({ min: 0, max: 1, noNaN: true }),
  reorder: fc.double({ min: 0, max: 1, noNaN: true }),
  reorderDelay: fc.nat(100),
  jitter: fc.nat(100),
  corrupt: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('what is told of messages is what happens to them: when they arrive, how often, and how', () => {
  const inputs = [fc.nat(1e6), FAULTS, fc.array(fc.uint8Array({ maxLength: MAX_MESSAGE }), { maxLength: 20 })] as const;
  fc.assert(
    fc.property(...inputs, (seed, faults, messages) => {
      const arrived: string[] = [];
      const medium = { toBob: faults, toAlice: {} };
      const outcome = mailbox({ seed, medium, letters: [] }, ({ alice, bob, waitForAllTimeouts }) => {
        bob.recvd = (bytes) => arrived.push(`${Math.round(bob.now * 1e3)} ${bytes.length} ${bytes.join()}`);
        for (const message of messages) alice.send(message);
        waitForAllTimeouts();
      });
      assert.equal(outcome.problem, undefined);
      const told = outcome.events.flatMap((event) => {
        if (event.kind !== 'message' || event.arrivesAt === undefined) return [];
        const { bytes, fate, arrivesAt } = event;
        const text = `${Math.round(arrivesAt / 1e3)} ${bytes.length}`;
        if (fate.kind === 'damaged') return [text];
        return fate.kind === 'twice'
          ? [`${text} ${bytes.join()}`, `${text} ${bytes.join()}`]
          : [`${text} ${bytes.join()}`];
      });
      assert.equal(arrived.length, told.length);
      // Each that is told of arrives; of those that are damaged only time and length are known.
      for (const expected of told.sort((a, b) => b.length - a.length)) {
        const found = arrived.findIndex((text) => text === expected || text.startsWith(`${expected} `));
        assert.ok(found >= 0, expected);
        arrived.splice(found, 1);
      }
    }),
  );
});

test('the same level and seed give the same bytes, and another seed gives others', () => {
  const run = (seed: number): Outcome => mailbox({ level: 6, seed }, resend);
  const [one, again, other] = [run(1), run(1), run(2)];
  assert.deepEqual(again.events, one.events);
  assert.equal(again.digest, one.digest);
  assert.notEqual(other.digest, one.digest);
});
