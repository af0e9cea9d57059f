import { expect, test } from "vitest";
import { compare } from "../src/diff";

/** `[-removed-]` and `{+added+}`. */
function drawn(original: string, revised: string): string {
  const marks = { same: ["", ""], removed: ["[-", "-]"], added: ["{+", "+}"], skipped: ["<…", ">"] };
  return (compare(original, revised) ?? []).map(({ kind, text }) => marks[kind].join(text)).join("");
}

test.each([
  ["nothing changed", "a b", "a b", "a b"],
  ["a word replaced", "original text", "edited text", "[-original-]{+edited+} text"],
  ["a word added", "a c", "a b c", "a {+b +}c"],
  ["white space alone", "a b", "a  b", "a {+ +}b"],
  ["a new line", "a", "a\n", "a{+\n+}"],
  [
    "neighbouring words are one change",
    "the old dog ran",
    "the new cat ran",
    "the [-old dog-]{+new cat+} ran",
  ],
  ["a number is one word", "4 %", "4.2 %", "[-4-]{+4.2+} %"],
  ["everything removed", "abc", "", "[-abc-]"],
  ["everything new", "", "abc", "{+abc+}"],
])("%s", (_, original, revised, expected) => {
  expect(drawn(original, revised)).toBe(expected);
});

test("a text without spaces is split into the words of the language", () => {
  expect(drawn("私は猫が好きです", "私は犬が好きです")).toBe("私は[-猫-]{+犬+}が好きです");
});

test("both texts can be read back from the parts", () => {
  const [original, revised] = ["one two  three four\nfive", "one 2  3 four\n\nsix five"];
  const parts = compare(original, revised) ?? [];
  const side = (kind: string) =>
    parts
      .filter((part) => part.kind === "same" || part.kind === kind)
      .map(({ text }) => text)
      .join("");
  expect(side("removed")).toBe(original);
  expect(side("added")).toBe(revised);
});

test("long unchanged stretches are left out, except for the words next to a change", () => {
  const long = "word ".repeat(400);
  const result = drawn(`${long}old${" tail".repeat(400)}`, `${long}new${" tail".repeat(400)}`);
  expect(result.length).toBeLessThan(500);
  expect(result).toMatch(/^<…>.*word \[-old-\]\{\+new\+\} tail.*<…>$/);
});

const noise = (seed: number, count: number) =>
  Array.from({ length: count }, (_, i) => ((i * seed) % 9973).toString(36)).join(" ");

test.each([2_000, 30_000])("the comparison of %i unlike words is given up quickly", (count) => {
  const start = performance.now();
  expect(compare(noise(7, count), noise(13, count))).toBeNull();
  expect(performance.now() - start).toBeLessThan(1000);
});

test("a single changed word in a long text is found quickly", () => {
  const text = noise(7, 200_000);
  const start = performance.now();
  expect(drawn(`${text} old ${text}`, `${text} new ${text}`)).toContain("[-old-]{+new+}");
  expect(performance.now() - start).toBeLessThan(1000);
});
