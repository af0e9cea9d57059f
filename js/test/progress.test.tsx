import { expect, test } from "vitest";
import type { Progress, View } from "../src/protocol";
import { question, step } from "./fake";
import { settle, shown } from "./page";

const running: Partial<View> = { phase: { kind: "running" }, questions: [] };

async function working(changes: Partial<Progress>, view: Partial<View> = running) {
  const page = await shown(view);
  page.fake.work(changes);
  await settle();
  return page;
}

test("nothing is shown before there is any progress", async () => {
  expect((await working({})).all(".progress")).toEqual([]);
});

test("each step tells the state, in words too", async () => {
  const { text, all } = await working({
    steps: [
      step({ node: "plan", state: "done", runs: 2 }),
      step({ node: "research" }),
      step({ node: "ask", state: "asking" }),
      step({ node: "save", state: "failed" }),
    ],
  });
  expect(text(".step")).toEqual([
    "plan×2, ran 2 times, done",
    "research, running",
    "ask, asks",
    "save, failed",
  ]);
  expect(all(".step .icon-working")).toHaveLength(1);
});

test("hidden characters are marked, except for terminal codes in printed text", async () => {
  const bad = "a\u202Eb";
  const { text } = await working({
    steps: [step({ node: bad, again: true })],
    bars: [{ kind: "bar", label: bad, done: 1, total: null }],
    events: [bad],
    spoken: [{ kind: "spoken", node: bad, text: bad }],
    log: "\u001b[1mbold",
  });
  const marked = text(".step, .progress .hint, .bar label, .lines .label, .tail").filter((one) =>
    one?.includes("U+202E"),
  );
  expect(marked).toHaveLength(6);
  expect(text(".tail").at(-1)).toBe("\u001b[1mbold");
});

test("a node whose code above interrupt() ran again is explained", async () => {
  const { text } = await working({ steps: [step({ runs: 2, again: true }), step({ node: "other" })] });
  expect(text(".progress .hint")).toHaveLength(1);
  expect(text(".progress .hint")[0]).toMatch(/code of plan above interrupt\(\) ran again/);
});

test("a bar has a label and an amount, and a filled part where the total is known", async () => {
  const { all, one, text } = await working({
    bars: [
      { kind: "bar", label: "rows", done: 3, total: 10 },
      { kind: "bar", label: "bytes", done: 1.234, total: null },
      { kind: "bar", label: "share", done: 0.5, total: 1 },
    ],
  });
  const [rows, bytes] = all("progress") as HTMLProgressElement[];
  expect(text(".bar label")).toEqual(["rows", "bytes", "share"]);
  expect(one(".bar label").getAttribute("for")).toBe(rows?.id);
  expect([rows?.getAttribute("value"), rows?.getAttribute("max")]).toEqual(["3", "10"]);
  expect(bytes?.hasAttribute("value")).toBe(false);
  expect(text(".amount")).toEqual(["3 of 10", "1.23", "50%"]);
});

test("words of models, events and the log are shown while the run works, and are no live regions", async () => {
  const { text, all } = await working({
    spoken: [{ kind: "spoken", node: "writer", text: "Once upon" }],
    events: ["{'a': 1}", "two"],
    log: "loading\n",
  });
  expect(text(".progress .label")).toEqual(["writer says", "Events", "Log"]);
  expect(text(".tail")).toEqual(["Once upon", "{'a': 1}\ntwo", "loading\n"]);
  expect(all(".progress [aria-live], .progress [role=status], .progress [role=log]")).toEqual([]);
});

test("the progress folds into a line when the run stops to ask, with the log folded inside", async () => {
  const { fake, text, one, all, more } = await working({
    steps: [step({ state: "done" }), step({ node: "ask", state: "asking", runs: 2 })],
    log: "loading",
  });
  fake.show({ phase: { kind: "asking" }, questions: [question()] });
  await settle();
  expect(all(".progress")).toEqual([]);
  await more();
  expect(text(".progress > summary")).toEqual(["2 steps · ask ×2"]);
  expect((one(".progress") as HTMLDetailsElement).open).toBe(false);
  expect(text(".progress details > summary")).toEqual(["Log"]);
  fake.show({ phase: { kind: "running" }, questions: [] });
  await settle();
  expect(all(".progress.working")).toHaveLength(1);
});

test("a single step that ran once has no line", async () => {
  const asking = { phase: { kind: "asking" } } as const;
  const lines = async (progress: Partial<Progress>) => {
    localStorage.clear();
    const { more, text } = await working(progress, asking);
    await more();
    return text(".progress > summary");
  };
  expect(await lines({ steps: [step({ state: "asking" })] })).toEqual([]);
  expect(await lines({ steps: [step({ runs: 2 })] })).toEqual(["1 step · plan ×2"]);
  expect(await lines({ steps: [step()], log: "x" })).toEqual(["1 step"]);
});

test("no icon turns without a kernel", async () => {
  const { fake, all, more } = await working({ steps: [step({ runs: 2 })] });
  await more();
  fake.dead = true;
  fake.emit("comm_live_update");
  await settle();
  expect(all(".icon-working")).toEqual([]);
  expect(all("details.progress .icon-still")).toHaveLength(1);
});

test("a growing log is scrolled to the end, unless somebody has scrolled up", async () => {
  const { fake, one } = await working({ log: "a" });
  const log = one(".tail");
  let height = 500;
  Object.defineProperties(log, { scrollHeight: { get: () => height }, clientHeight: { value: 100 } });
  const grow = async () => {
    height += 100;
    fake.work({ log: `line ${height}` });
    await settle();
    return log.scrollTop;
  };
  expect(await grow()).toBe(600);
  log.scrollTop = 20;
  log.dispatchEvent(new Event("scroll"));
  expect(await grow()).toBe(20);
  log.scrollTop = height - 100;
  log.dispatchEvent(new Event("scroll"));
  expect(await grow()).toBe(800);
});

test("an update draws no editor: element, focus and caret stay", async () => {
  const { fake, field, root, one } = await working(
    { steps: [step()] },
    { ...running, questions: [question()] },
  );
  const editor = field();
  editor.value = "half typed"; // not told to the card: a drawing of the editor would bring back the original
  editor.focus();
  editor.setSelectionRange(4, 4);
  for (let done = 0; done < 20; done += 1) {
    fake.work({ bars: [{ kind: "bar", label: "rows", done, total: 20 }] });
    await settle();
  }
  expect(one("progress").getAttribute("value")).toBe("19");
  expect(field()).toBe(editor);
  expect([editor.value, editor.selectionStart]).toEqual(["half typed", 4]);
  expect(root.activeElement).toBe(editor);
});
