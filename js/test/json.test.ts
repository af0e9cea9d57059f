import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  at,
  Broken,
  hasMarks,
  isBroken,
  isSame,
  type Json,
  JsonError,
  Num,
  parse,
  parseDraft,
  plain,
  put,
  write,
} from "../src/json";
import { numberFrom, stepped } from "../src/json/decimal";

const digits = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 40n }),
    fc.option(fc.stringMatching(/^\d{1,20}$/)),
    fc.option(fc.integer({ min: -30, max: 30 })),
  )
  .map(
    ([minus, whole, fraction, power]) =>
      `${minus ? "-" : ""}${whole}${fraction === null ? "" : `.${fraction}`}${power === null ? "" : `e${power}`}`,
  );
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    fc.string({ unit: "grapheme" }),
    digits.map((text) => new Num(text)),
    fc.array(tie("json")),
    fc.array(fc.tuple(fc.string(), tie("json"))).map((pairs) => new Map(pairs as [string, never][])),
  ),
})) as { json: fc.Arbitrary<ReturnType<typeof parse>> };

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe("a text", () => {
  test("is read to a tree that writes the same text", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = write(value);
        expect(isSame(parse(text), value)).toBe(true);
        expect(write(parse(text))).toBe(text);
      }),
    );
  });

  test("is written as Python's json.dumps(indent=2, ensure_ascii=False) does", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(write(parse(JSON.stringify(value)))).toBe(JSON.stringify(value, null, 2));
      }),
    );
    expect(write(parse('{"b":[],"1":{},"a":[1.0,{"é\\u001f\\n":"\\u2028/"}]}'))).toBe(
      '{\n  "b": [],\n  "1": {},\n  "a": [\n    1.0,\n    {\n      "é\\u001f\\n": "\u2028/"\n    }\n  ]\n}',
    );
  });

  test("is accepted exactly where JSON.parse accepts the text, except for a key that stands twice", () => {
    const pieces = fc.constantFrom(
      ...'[]{}:,"\\ \n0123.-+eE',
      "true",
      "null",
      '"a"',
      "\u0001",
      "\ufeff",
      "\u00a0",
    );
    const nearly = fc.array(pieces, { maxLength: 14 }).map((all) => all.join(""));
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string()), (text) => {
        let read = true;
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
          read = (error as Error).message.includes("stands twice");
        }
        expect(read).toBe(isJson(text));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ["", /value is expected.*line 1, column 1/],
    ["[1,]", /value is expected.*column 4/],
    ['{"a" 1}', /colon is expected/],
    ['{"a": 1,\n b: 2}', /key in quotes.*line 2, column 2/],
    ['{"a": 1, "a": 2}', /"a" stands twice.*column 10/],
    ["[1 2]", /comma or \]/],
    ['"a\nb"', /ends with a quote/],
    ["1 2", /nothing more/],
    ["NaN", /value is expected/],
    ["[".repeat(200_000), /too deeply/],
  ])("%j that is no JSON is refused with the fault and the place", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

test("an edit at a path changes that place and shares the rest", () => {
  fc.assert(
    fc.property(json, json, (value, next) => {
      const root = new Map([["a", [value, new Map([["b", value]])]]]);
      const edited = put(root, ["a", "1", "b"], next);
      expect(at(edited, ["a", "1", "b"])).toBe(next);
      expect(at(edited, ["a", "0"])).toBe(value);
      expect(at(root, ["a", "1", "b"])).toBe(value);
    }),
  );
  expect(at(parse("[1]"), ["x"])).toBeUndefined();
  expect(at(parse('{"__proto__": 1}'), ["__proto__"])).toEqual(new Num("1"));
});

test("unfinished text keeps its place in a draft, which is no JSON then", () => {
  fc.assert(
    fc.property(fc.string(), (typed) => {
      const draft = write(new Map([["a", new Broken(typed)]]));
      expect(hasMarks(draft)).toBe(true);
      expect(isJson(draft)).toBe(false);
      expect(at(parseDraft(draft), ["a"])).toEqual(new Broken(plain(typed)));
      expect(plain(draft)).toBe(`{\n  "a": ${plain(typed)}\n}`);
    }),
  );
});

test.each([
  ["5", "5"],
  [" -12 ", "-12"],
  ["+5", "5"],
  [".5", "0.5"],
  ["5.", "5.0"],
  ["007", "7"],
  ["\u22124", "-4"],
  ["1e400", "1e400"],
  ["12345678901234567890", "12345678901234567890"],
  ["", null],
  ["-", null],
  [".", null],
  ["12a", null],
  ["1,5", null],
  ["0x10", null],
  ["NaN", null],
])("%j typed is the number %j", (typed, number) => {
  expect(numberFrom(typed)).toBe(number);
});

test("a number typed in the notation of JSON is not changed", () => {
  fc.assert(
    fc.property(digits, (text) => {
      expect(numberFrom(text)).toBe(text);
    }),
  );
});

const NONE = { least: null, most: null, step: null };

test("a whole number of any size goes up and down by exactly 1", () => {
  fc.assert(
    fc.property(fc.bigInt(), (value) => {
      expect(stepped(String(value), true, NONE)).toBe(String(value + 1n));
      expect(stepped(String(value), false, NONE)).toBe(String(value - 1n));
    }),
  );
});

test.each([
  ["1.0", true, {}, "2.0"],
  ["0.1", true, { step: "0.2" }, "0.2"],
  ["0.3", false, { step: "0.1" }, "0.2"],
  ["7", true, { step: "5" }, "10"],
  ["7", false, { step: "5" }, "5"],
  ["-7", false, { step: "5" }, "-10"],
  ["9", true, { most: "9.50" }, "9.5"],
  ["9", true, { most: "9" }, null],
  ["-3", true, { least: "2" }, "2"],
  ["1e3", true, {}, "1001.0"],
  ["1e999999", true, {}, null],
  ["5", true, { step: "0" }, null],
] as const)("%s stepped up: %s, with %j, is %s", (text, up, bounds, next) => {
  expect(stepped(text, up, { ...NONE, ...bounds })).toBe(next);
});

test("objects with a different number of members are not the same", () => {
  const [small, large] = [parse('{"a": 1}'), parse('{"a": 1, "b": 2}')];
  expect([isSame(small, large), isSame(large, small), isSame(large, parse('{"b": 2, "a": 1}'))]).toEqual([
    false,
    false,
    true,
  ]);
});

test("unfinished text is found at any depth", () => {
  const draft = (inner: Json) => new Map([["a", [new Map([["b", inner]])]]]) as Json;
  expect([isBroken(draft(new Broken("12a"))), isBroken(draft(new Num("12")))]).toEqual([true, false]);
});
