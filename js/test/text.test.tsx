import { expect, test, vi } from "vitest";
import { compare } from "../src/diff";
import { rowsOf } from "../src/side-by-side";
import { countLines, countWords } from "../src/words";
import { question } from "./fake";
import { settle, shown } from "./page";

const review = (original: string, language = "") =>
  shown({ questions: [question({ field: { kind: "text", original, language } })] });

test("the words are counted, and compared with the words of the original", async () => {
  const { text, type } = await review("one two three");
  expect(text(".counts span")).toEqual(["3 words", "unchanged"]);
  await type("one");
  expect(text(".counts")).toEqual(["1 word, 2 fewer"]);
  await type("one, two; three — four");
  expect(text(".counts")).toEqual(["4 words, 1 more"]);
});

test("an empty field without an original counts nothing until something is written", async () => {
  const { all, text, type } = await review("");
  expect(all(".counts")).toEqual([]);
  await type("one");
  expect(text(".counts")).toEqual(["1 word"]);
  await type("");
  expect(all(".counts")).toEqual([]);
});

test("a text that was deleted whole says so", async () => {
  const { text, type } = await review("one two");
  await type("");
  expect(text(".counts")).toEqual(["0 words, 2 fewer"]);
});

test("of code the lines are counted, and Tab leaves the field", async () => {
  const { text, type, field } = await review("a = 1\n", "python");
  await type("a = 1\nb = 2\n");
  expect(text(".counts")).toEqual(["2 lines, 1 more"]);
  const tab = new KeyboardEvent("keydown", { key: "Tab", bubbles: true, cancelable: true });
  field().dispatchEvent(tab);
  expect(tab.defaultPrevented).toBe(false);
});

test.each([
  ["don't stop", 2],
  ["4.2 % of 1,000", 3],
  ["私は猫", 3],
  ["e\u0301te\u0301 naïve", 2],
  ["", 0],
])("%s has %i words", (text, count) => {
  expect(countWords(text)).toBe(count);
});

test.each([
  ["", 0],
  ["a", 1],
  ["a\n", 1],
  ["a\nb", 2],
  ["\n", 1],
])("%j has %i lines", (text, count) => {
  expect(countLines(text)).toBe(count);
});

test("characters that cannot be seen are named, and marked in the changes", async () => {
  const { text, type } = await review("pay 12");
  await type("pay \u202E21");
  expect(text(".warning")).toEqual(["Holds characters that cannot be seen: U+202E"]);
  expect(text("ins")).toEqual(["⟨U+202E⟩21"]);
});

test("Markdown has a preview of the written text, and the text stays", async () => {
  const { type, text, click, field } = await review("# a", "markdown");
  await type("# b *c*");
  await click("[data-tab=preview]");
  expect(text(".preview h3")).toEqual(["b c"]);
  await click("[data-tab=write]");
  expect(field().value).toBe("# b *c*");
});

test("the changes are shown side by side", async () => {
  const { type, text, click, all } = await review("one\ntwo\nthree");
  await type("one\n2\nthree");
  await click(".layout");
  expect(
    all(".beside-changes tbody tr").map((row) => [...row.children].map((cell) => cell.textContent)),
  ).toEqual([
    ["one\n", "one\n"],
    ["two\n", "2\n"],
    ["three", "three"],
  ]);
  expect(text("ins")).toEqual(["2"]);
});

test("comparing a long text waits for a pause", async () => {
  const original = "word ".repeat(5_000);
  const { type, all } = await review(original);
  await type(`${original}more`);
  expect(all("ins")).toEqual([]);
  await vi.advanceTimersByTimeAsync(300);
  await settle();
  expect(all("ins")).toHaveLength(1);
});

/** A text made of few distinct pieces, so that two texts have much in common. */
function madeUp(seed: number): string {
  const pieces = ["a", "b", " ", "\n", "word", "  ", "\n\n"];
  let state = seed;
  const next = () => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return state;
  };
  return Array.from({ length: next() % 40 }, () => pieces[next() % pieces.length]).join("");
}

test("the two columns of any comparison read as the two texts", () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const [original, revised] = [madeUp(seed), madeUp(seed * 7_919)];
    const rows = rowsOf(compare(original, revised) ?? []);
    const column = (side: "before" | "after") =>
      rows.flatMap((row) => row[side].map(({ text }) => text)).join("");
    expect([column("before"), column("after")]).toEqual([original, revised]);
  }
});

const lines = (count: number, mark = "") =>
  Array.from({ length: count }, (_, i) => `line ${i} ${i % 97 === 5 ? mark : ""}\n`).join("");

test("many changed words in a long text are found line by line, quickly", () => {
  const start = performance.now();
  const parts = compare(lines(12_000, "old"), lines(12_000, "new"));
  expect(performance.now() - start).toBeLessThan(1_000);
  expect(parts?.filter(({ kind }) => kind === "added").map(({ text }) => text)).toEqual(
    Array(124).fill("new"),
  );
});

const NO = { kind: "problem", name: "InvalidAnswer", message: "no" } as const;

test("an offered text is sent by a button", async () => {
  const field = { kind: "text", original: "", language: "", options: ["approve", "reject"] } as const;
  const {
    fake,
    root,
    field: area,
    type,
  } = await shown({
    questions: [question({ field: { ...field, options: [...field.options] } })],
  });
  const offers = () => [...root.querySelectorAll<HTMLButtonElement>(".offer")];
  expect(offers().map((each) => each.textContent)).toEqual(["approve", "reject"]);
  offers()[1]?.click();
  await settle();
  expect((area() as HTMLTextAreaElement).value).toBe("reject");
  expect(offers().map((each) => each.getAttribute("aria-pressed"))).toEqual(["false", "true"]);
  expect(fake.last("answer").draft).toBe("reject");
  fake.say({ kind: "refused", request: fake.last("answer").request, problem: NO, flaws: [] });
  await settle();
  await type("later");
  expect(offers().map((each) => each.getAttribute("aria-pressed"))).toEqual(["false", "false"]);
});

test("a text under a key is shown as a mapping with the key", async () => {
  const { text, type, more } = await shown({
    questions: [question({ field: { kind: "text", original: "", language: "", key: "data" } })],
  });
  await more();
  await type("Ann");
  expect(text(".sends code")).toEqual(['{"data": "Ann"}']);
});
