import { describe, expect, test, vi } from "vitest";
import { TIMEOUT_MS } from "../src/channel";
import type { Question } from "../src/protocol";
import * as strings from "../src/strings";
import { fakeModel, fakeNotebook, question, recordToWrite, turn } from "./fake";
import { endView, settle, show, shown } from "./page";

test("the question is the title; node, graph and notes on the machine are unfolded, and stay so in this notebook", async () => {
  const view = {
    questions: [question({ prompt: "Revise the text" })],
    asides: ["In memory."],
    notes: ["Look."],
  };
  const { text, all, one, more } = await shown(view);
  expect(text(".title")).toEqual(["Revise the text"]);
  expect(text(".note:not(.link-note)")).toEqual(["Look."]);
  expect(all(".machine")).toEqual([]);
  expect(one(".card").textContent).toMatch(
    /^Waiting for youRevise the textAlt\+Q⋯Look\.Your answer: Revise the text/,
  );
  expect(one(".card").textContent).not.toContain("In memory");
  await more();
  expect(text(".graph")).toEqual(["revisesync"]);
  expect(text(".machine-note")).toEqual(["In memory."]);
  expect(text(".from code")).toEqual(["human_review"]);
  expect(one(".more").getAttribute("aria-expanded")).toBe("true");
  const again = await shown(view);
  expect(again.all(".machine")).toHaveLength(2);
  await again.more();
  expect((await shown(view)).all(".machine")).toEqual([]);
});

test("each of several questions has a heading, followed by the node that asks", async () => {
  const { text } = await shown({
    questions: [question({ prompt: "First?" }), question({ id: "i2", prompt: "", node: "second" })],
  });
  expect(text(".title")).toEqual(["2 questions"]);
  expect(text(".prompt")).toEqual(["First? human_review", "Your answer is needed second"]);
});

test("the state is told to screen readers", async () => {
  const { text, one } = await shown();
  expect(text(".chip")).toEqual(["Waiting for you"]);
  expect(one(".chip").getAttribute("role")).toBe("status");
});

test.each([
  [{ kind: "starting" }, "Starting…"],
  [{ kind: "running" }, "Running…"],
  [{ kind: "finished", result: "{'a': 1}", gist: "a: 1" }, "Finished"],
  [{ kind: "failed", problem: { kind: "problem", name: "ValueError", message: "no\n  way" } }, "Failed"],
] as const)("phase %j", async (phase, label) => {
  const { text } = await shown({ phase, questions: [] });
  expect(text(".chip")).toEqual([label]);
  if (phase.kind === "finished") expect(text(".result pre")).toEqual([phase.result]);
  if (phase.kind === "failed") expect(text(".failure")).toEqual(["ValueErrorno\n  way"]);
});

test("the field holds the original, or the draft", async () => {
  expect((await shown()).field().value).toBe("original text");
  expect((await shown({}, { i1: "half a thou" })).field().value).toBe("half a thou");
});

test("changes are shown, and can be undone", async () => {
  const { fake, type, text, one, field } = await shown();
  expect(text(".unchanged")).toEqual(["unchanged"]);
  await type("edited text");
  expect(text("del")).toEqual(["original"]);
  expect(text("ins")).toEqual(["edited"]);
  await vi.advanceTimersByTimeAsync(200);
  expect(fake.get("drafts")).toEqual({ i1: "edited text" });
  one(".undo").click();
  await settle();
  expect(field().value).toBe("original text");
  await vi.advanceTimersByTimeAsync(200);
  expect(fake.get("drafts")).toEqual({});
});

test("a click sends the text once, with the revision that was seen, and nothing beside", async () => {
  const { fake, type, one } = await shown();
  await type("edited text");
  const order: string[] = [];
  fake.save_changes = () => void order.push("drafts");
  fake.kernel = (message) => void order.push(message.kind);
  one(".resume").click();
  one(".resume").click();
  await settle();
  one(".resume").click();
  expect(order).toEqual(["answer"]);
  expect(fake.last("answer")).toMatchObject({ id: "i1", revision: 7, draft: "edited text" });
  expect(one(".resume").getAttribute("aria-busy")).toBe("true");
  await vi.advanceTimersByTimeAsync(200);
  expect(order, "an answer that the kernel has not confirmed is a draft, too").toEqual(["answer", "drafts"]);
});

test("of a text that went out as an answer at once, the kernel gets no draft and no check", async () => {
  const { fake, type, one } = await shown({
    questions: [question({ field: { kind: "json", original: "1" } })],
  });
  await type("13");
  one(".resume").click();
  fake.say({ kind: "accepted", request: fake.last("answer").request, revision: 2, record: null });
  fake.show({ phase: { kind: "running" }, questions: [], turns: [turn()] });
  await settle();
  fake.save_changes = () => expect.unreachable("no draft is left to send");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(fake.count("check")).toBe(0);
});

test("an answer that is kept out says so to the kernel; where nothing is recorded nothing is kept out", async () => {
  const { fake, one, all, more } = await shown({ records: true });
  await more();
  (one(".keep-out input") as HTMLInputElement).click();
  one(".resume").click();
  expect(fake.last("answer").record).toBe(false);
  fake.show({ records: false });
  await settle();
  expect(all(".keep-out")).toHaveLength(0);
});

test("the answer of a page without a way to the notebook says so, and the kernel records the answer in an output", async () => {
  const { fake, one, text } = await shown();
  one(".resume").click();
  expect(fake.last("answer").why_not).toMatch(/no access to the notebook/);
  fake.show({ questions: [], turns: [turn({ record: { kind: "in_output" } })] });
  await settle();
  expect(text(".record")[0]).toBe(strings.turns.inOutput);
});

test("the answers are shown as code, asked for when somebody looks and again after a further answer", async () => {
  const { fake, one, text, all, more } = await shown();
  await more();
  expect(all(".as-code")).toHaveLength(0);
  fake.show({ turns: [turn()] });
  await settle();
  const panel = one(".as-code") as HTMLDetailsElement;
  panel.open = true;
  panel.dispatchEvent(new Event("toggle"));
  await settle();
  fake.say({ kind: "answers_code", request: fake.last("code_request").request, python: "answers=['a']" });
  await settle();
  expect(text(".as-code pre")).toEqual(["answers=['a']"]);
  fake.show({ turns: [turn(), turn()] });
  await settle();
  expect(fake.count("code_request")).toBe(2);
});

test("Ctrl+Enter in the field sends the answer, and Shift+Enter does not", async () => {
  const { fake, field } = await shown();
  const press = (init: KeyboardEventInit) =>
    field().dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init }),
    );
  press({ shiftKey: true });
  expect(fake.count("answer")).toBe(0);
  press({ ctrlKey: true });
  expect(fake.last("answer").draft).toBe("original text");
});

test("an accepted answer is recorded by this page, which says so", async () => {
  const { fake, one } = await shown();
  const { notebook, written } = fakeNotebook();
  fake.widget_manager.context = { model: notebook };
  one(".resume").click();
  const { request } = fake.last("answer");
  fake.say({ kind: "accepted", request: "of-another-page", revision: 2, record: recordToWrite() });
  await settle();
  expect(written).toEqual([]);
  fake.say({ kind: "accepted", request, revision: 2, record: recordToWrite() });
  await settle();
  expect(written).toHaveLength(1);
  expect(fake.last("record_outcome")).toEqual({
    kind: "record_outcome",
    request,
    outcome: { kind: "recorded" },
  });
  expect(one(".resume").getAttribute("aria-disabled")).toBe("true"); // until the view moves on
});

test("nothing to record: no outcome is sent", async () => {
  const { fake, one } = await shown();
  one(".resume").click();
  fake.say({ kind: "accepted", request: fake.last("answer").request, revision: 2, record: null });
  await settle();
  expect(fake.count("record_outcome")).toBe(0);
});

test("a refused answer says why and can be sent again", async () => {
  const { fake, one, type, text, field } = await shown();
  await type("too much");
  one(".resume").click();
  const problem = { kind: "problem", name: "AnswerError", message: "at most 5" } as const;
  fake.say({ kind: "refused", request: fake.last("answer").request, problem, flaws: [] });
  await settle();
  expect(text('[role="alert"]')).toEqual(["at most 5"]);
  expect(field().value).toBe("too much");
  expect(field().readOnly).toBe(false);
  one(".resume").click();
  await settle();
  expect(fake.count("answer")).toBe(2);
  expect(text('[role="alert"]')).toEqual([]);
});

test("an answer that is not confirmed says so; a late confirmation still counts", async () => {
  const { fake, one, text, field } = await shown();
  one(".resume").click();
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS + 50);
  expect(text(".delivery")).toEqual([strings.question.unconfirmed]);
  expect(field().readOnly).toBe(false);
  const { notebook, written } = fakeNotebook();
  fake.widget_manager.context = { model: notebook };
  fake.say({ kind: "accepted", request: fake.last("answer").request, revision: 2, record: recordToWrite() });
  fake.show({ phase: { kind: "running" }, questions: [], turns: [turn()] });
  await settle();
  expect(written).toHaveLength(1);
  expect(text(".delivery")).toEqual([]);
  expect(text(".turn .origin")).toEqual(["you"]);
});

test("a hello without an answer makes the card read-only, a welcome live again", async () => {
  const fake = fakeModel();
  const { text, one, field } = await show(fake);
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  await settle();
  expect(text(".link-note")).toEqual([strings.link.gone(false)]);
  expect(text(".chip")).toEqual(["Not connected"]);
  expect(field().readOnly).toBe(true);
  one(".resume").click();
  expect(fake.count("answer")).toBe(0);
  fake.say({ kind: "welcome", request: fake.last("hello").request, revision: 7 });
  await settle();
  expect(text(".link-note")).toEqual([""]);
  expect(field().readOnly).toBe(false);
});

test("a kernel that is only busy does not make the card read-only", async () => {
  const fake = fakeModel();
  fake.widget_manager.kernel = { status: "busy" };
  const { text, field } = await show(fake);
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  await settle();
  expect(text(".link-note")).toEqual([strings.link.busy]);
  expect(field().readOnly).toBe(false);
});

test("a hello that was lost under load is said again until the kernel replies", async () => {
  const fake = fakeModel();
  fake.widget_manager.kernel = { status: "busy" };
  const { text } = await show(fake);
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  await settle();
  expect(text(".link-note")).toEqual([strings.link.busy]);
  fake.kernel = ({ kind, request }) =>
    kind === "hello" && fake.say({ kind: "welcome", request, revision: 7 });
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  await settle();
  expect(text(".link-note")).toEqual([""]);
  expect(fake.count("hello")).toBe(2);
  await vi.advanceTimersByTimeAsync(100 * TIMEOUT_MS);
  expect(fake.count("hello")).toBe(2);
});

test("a kernel that stays busy is asked less and less often", async () => {
  const fake = fakeModel();
  fake.widget_manager.kernel = { status: "busy" };
  await show(fake);
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(fake.count("hello")).toBeLessThan(30);
});

test("the loss of the kernel is noticed at once", async () => {
  const { fake, text } = await shown();
  fake.dead = true;
  fake.emit("comm_live_update");
  await settle();
  expect(text(".link-note")).toEqual([strings.link.gone(false)]);
  fake.dead = false;
  fake.emit("comm_live_update");
  await settle();
  expect(text(".link-note")).toEqual([""]);
  expect(fake.count("hello")).toBe(2);
});

test("JSON is checked while a person types, and sent as text", async () => {
  const big = "[12345678901234567890]";
  const { fake, type, text, one } = await shown({
    questions: [question({ field: { kind: "json", original: big } })],
  });
  await type("{,");
  expect(text(".hint.invalid")[0]).toMatch(/^Not valid JSON yet: /);
  expect(one(".resume").getAttribute("aria-disabled")).toBe("true");
  one(".resume").click();
  expect(fake.count("answer")).toBe(0);
  await type(big);
  one(".resume").click();
  expect(fake.last("answer").draft).toBe(big);
});

describe("the payload", () => {
  const json = { kind: "json", original: "1" } as const;
  const form = { kind: "form", original: "1", control: { kind: "switch" }, shared: {} } as const;
  const prose = { kind: "prose", text: "Which one?", markdown: false } as const;

  test.each<[string, Partial<Question>, boolean]>([
    ["JSON editor where nothing else is drawn", { field: json }, true],
    ["JSON editor that begins with it", { field: json, payload: "1" }, false],
    ["JSON editor below what is drawn", { field: json, shows: [prose] }, false],
    ["form", { field: form }, false],
    ["text", {}, false],
  ])("of a %s: %o, open: %s", async (_, changes, open) => {
    const { one, all, more } = await shown({ questions: [question(changes)] });
    expect(all(".payload")).toHaveLength(open ? 1 : 0);
    await more();
    const payload = one(".payload") as HTMLDetailsElement;
    expect(payload.open).toBe(open);
    const isAbove = payload.compareDocumentPosition(one(".editor")) & Node.DOCUMENT_POSITION_FOLLOWING;
    expect(isAbove !== 0).toBe(open);
  });

  test("that has no text is not drawn", async () => {
    const { all, more } = await shown({ questions: [question({ payload: "", field: json })] });
    await more();
    expect(all(".payload")).toEqual([]);
  });
});

test("a widget of the user's keeps no draft, so there is nothing to undo", async () => {
  const { all } = await shown({
    questions: [question({ field: { kind: "widget", original: "", widget: "m" } })],
  });
  expect(all(".undo")).toEqual([]);
});

test("hidden characters are marked wherever a node, a graph or an error is named", async () => {
  const bad = "a\u202Eb";
  const problem = { kind: "problem", name: bad, message: bad } as const;
  const failed = await shown({
    phase: { kind: "failed", problem },
    graph: bad,
    questions: [],
    turns: [turn({ node: bad })],
  });
  await failed.more();
  expect(failed.text(".graph, .turn .node, .failure")).toEqual(
    Array(3).fill(expect.stringContaining("a⟨U+202E⟩b")),
  );
  const asking = await shown({
    questions: [
      question({ node: bad, prompt: bad, standing: { kind: "open", problem: bad } }),
      question({ id: "i2", node: bad, prompt: bad }),
    ],
  });
  expect(asking.text(".prompt-text, .node, .problem")).toEqual(
    Array(5).fill(expect.stringContaining("a⟨U+202E⟩b")),
  );
  const alone = await shown({ questions: [question({ prompt: bad })] });
  expect(alone.text(".title")).toEqual(["a⟨U+202E⟩b"]);
  expect(alone.one(".card").getAttribute("aria-label")).toContain("⟨U+202E⟩");
});

test("a held question shows the answer and no field", async () => {
  const held = question({ id: "i0", node: "other", standing: { kind: "held", answer: "done" } });
  const { text, all } = await shown({ questions: [held, question()] });
  expect(text(".held .answer")).toEqual(["done"]);
  expect(text(".held .hint")).toEqual([strings.question.held]);
  expect(text(".question .node")).toEqual(["other", "human_review"]);
  expect(all("textarea")).toHaveLength(1);
});

test.each([
  ["form", '"dark blue"', "dark blue"],
  ["form", '""', '""'],
  ["form", '"a" and more', '"a" and more'],
  ["form", "true", "true"],
  ["text", '"quoted"', '"quoted"'],
] as const)("the line of an answer reads %s %s as %s", async (field, answer, told) => {
  const { text } = await shown({ questions: [], turns: [turn({ field, answer, original: "" })] });
  expect(text(".turn .gist")).toEqual([told]);
});

test("turns tell the answer, the origin of the answer, and whether the answer is recorded", async () => {
  const { text } = await shown({
    questions: [],
    turns: [
      turn({ record: { kind: "recorded" } }),
      turn({ origin: "elsewhere", record: { kind: "not_recorded", reason: "read-only" } }),
      turn({ origin: "code", answer: "[1]", field: "json", original: "" }),
    ],
  });
  expect(text(".turn .origin")).toEqual(["you", "another client", "card.answer"]);
  expect(text(".turn .record")).toEqual(["recorded", "not recorded: read-only"]);
  expect(text(".turn .gist")[2]).toBe("[1]");
  expect(text(".turn .gist del")).toEqual(["original", "original"]);
  expect(text(".turn .changes")).toHaveLength(2);
  expect(text(".turn .answer")).toEqual(["[1]"]);
});

test("an answer that a person keeps out is told without a warning, an answer that code keeps out only among the details", async () => {
  const { text, all } = await shown({
    questions: [],
    turns: [turn({ record: { kind: "kept_out" } }), turn({ record: { kind: "nothing" } })],
  });
  expect(text(".turn .record")).toEqual(["not recorded"]);
  expect(all(".not-recorded")).toEqual([]);
  expect(text(".turn-details .hint")[0]).toContain(strings.turns.keptOut);
});

test("a result is told in words on a line, and not where the cell shows the result", async () => {
  const phase = { kind: "finished", result: '{\n "a": "b"\n}', gist: "a: b" } as const;
  const { fake, text, all } = await shown({ phase, questions: [], turns: [turn()] });
  expect(text(".result-gist")).toEqual(["a: b"]);
  fake.show({ result_shown: true });
  await settle();
  expect(all(".result")).toEqual([]);
});

test("a text that somebody else's answer overtook is not thrown away", async () => {
  const { fake, type, text } = await shown();
  await type("half written");
  fake.show({
    phase: { kind: "running" },
    questions: [],
    turns: [turn({ origin: "elsewhere", answer: "theirs" })],
  });
  await settle();
  expect(text('[role="alert"] pre')).toEqual(["half written"]);
});

test("a text that this page has sent as an answer is not told as overtaken", async () => {
  const { fake, type, one, text } = await shown();
  await type("edited text");
  one(".resume").click();
  fake.show({ phase: { kind: "running" }, questions: [], turns: [turn()] });
  fake.say({ kind: "accepted", request: fake.last("answer").request, revision: 2, record: null });
  await settle();
  expect(text('[role="alert"]')).toEqual([]);
});

test("an answer that came too late is told, with the text", async () => {
  const { fake, type, one, text } = await shown();
  await type("mine");
  one(".resume").click();
  const { request } = fake.last("answer");
  fake.show({
    phase: { kind: "running" },
    questions: [],
    turns: [turn({ origin: "elsewhere", answer: "theirs" })],
  });
  const problem = { kind: "problem", name: "StaleAnswerError", message: "answered before" } as const;
  fake.say({ kind: "refused", request, problem, flaws: [] });
  await settle();
  expect(text('[role="alert"]')).toEqual(["answered beforeWhat you had written:mine"]);
});

test("a text that another page has sent is not told as lost", async () => {
  const { fake, type, text } = await shown();
  await type("mine");
  fake.show({ phase: { kind: "running" }, questions: [], turns: [turn({ answer: "mine" })] });
  await settle();
  expect(text('[role="alert"]')).toEqual([]);
});

test("an untouched text that came too late is not told as one that was written", async () => {
  const original = question({ field: { kind: "text", original: "as it was", language: "" } });
  const { fake, one, text } = await shown({ questions: [original] });
  one(".resume").click();
  const { request, draft } = fake.last("answer");
  expect(draft).toBe("as it was");
  fake.show({ phase: { kind: "running" }, questions: [] });
  const problem = { kind: "problem", name: "StaleAnswerError", message: "answered before" } as const;
  fake.say({ kind: "refused", request, problem, flaws: [] });
  await settle();
  expect(text('[role="alert"]')).toEqual(["answered before"]);
});

test("an accepted answer that another client overtook is told with the text, and leaves no record", async () => {
  const { fake, type, one, text } = await shown();
  const { notebook, written } = fakeNotebook();
  fake.widget_manager.context = { model: notebook };
  await type("mine");
  one(".resume").click();
  const record = recordToWrite({ answer: '"mine"' });
  fake.say({ kind: "accepted", request: fake.last("answer").request, revision: 2, record });
  fake.show({ questions: [question({ standing: { kind: "held", answer: "mine" } })] });
  await settle();
  expect(written).toHaveLength(1);
  const late = { kind: "late", id: "i1", record: { ...record, forget: true, exact: true } } as const;
  const turns = [turn({ origin: "elsewhere", answer: "theirs" })];
  for (const _ of "twice") fake.show({ phase: { kind: "running" }, questions: [], turns, late: [late] });
  await settle();
  expect(text('[role="alert"]')).toEqual([
    `${strings.lost.late(strings.question.untitled)}${strings.lost.draft}mine`,
  ]);
  expect(written.at(-1)).toEqual(["nbhitl.cell-a", { format: 1, answers: [] }]);
  expect(written).toHaveLength(2);
});

test("a focus in the card goes to the next question, and a focus elsewhere stays", async () => {
  const next = question({ id: "i2", node: "second" });
  const { fake, root, one } = await shown({ questions: [question(), next] });
  expect(root.activeElement).toBeNull();
  fake.show({ questions: [next] });
  await settle();
  expect(root.activeElement).toBeNull();
  one(".resume").focus();
  fake.show({ questions: [question({ id: "i3" })] });
  await settle();
  expect(root.activeElement?.tagName).toBe("TEXTAREA");
});

test("between two questions the card itself keeps the focus", async () => {
  const { fake, root, one } = await shown();
  one(".resume").focus();
  fake.show({ phase: { kind: "running" }, questions: [] });
  await settle();
  expect(root.activeElement).toBe(one(".card"));
  fake.show({ phase: { kind: "asking" }, questions: [question({ id: "i2" })] });
  await settle();
  expect(root.activeElement?.tagName).toBe("TEXTAREA");
});

test("only the edit of a text shows changes: not the answer to a question, nor a JSON value", async () => {
  for (const field of [
    { kind: "text", original: "", language: "" },
    { kind: "json", original: "null" },
  ] as const) {
    const { all, type } = await shown({ questions: [question({ field })] });
    await type("1");
    expect(all(".difference, .unchanged")).toEqual([]);
  }
});

test("when the run has ended a focus in the card goes back to the cell", async () => {
  const { fake, root, one } = await shown();
  const cell = document.createElement("div");
  cell.tabIndex = 0;
  root.host.parentElement?.replaceWith(cell);
  cell.append(root.host);
  one(".resume").focus();
  fake.show({ phase: { kind: "finished", result: "1", gist: "1" }, questions: [] });
  await settle();
  expect(document.activeElement).toBe(cell);
});

test("snippets are asked for when somebody looks, and again for a new draft", async () => {
  const { fake, one, type, text, more } = await shown({ snippets: true });
  await more();
  expect(fake.count("snippets_request")).toBe(0);
  const details = one(".snippets") as HTMLDetailsElement;
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  await settle();
  const { request, draft } = fake.last("snippets_request");
  expect(draft).toBe("original text");
  fake.say({ kind: "snippets", request, python: "py", javascript: "js", curl: "sh" });
  await settle();
  expect(text('[role="tab"]')).toEqual(["Python", "JavaScript", "cURL"]);
  expect(text('[role="tabpanel"]')).toEqual(["py"]);
  one('[role="tablist"]').dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
  await settle();
  expect(text('[role="tabpanel"]')).toEqual(["sh"]);
  expect(text('[aria-selected="true"]')).toEqual(["cURL"]);
  await type("edited text");
  await vi.advanceTimersByTimeAsync(400);
  expect(fake.last("snippets_request").draft).toBe("edited text");
  expect(fake.count("snippets_request")).toBe(2);
});

test("markup in a payload is text", async () => {
  const bad = "<img src=x onerror=alert(1)>";
  const { all } = await shown({
    notes: [bad],
    graph: bad,
    turns: [turn({ node: bad, prompt: bad, answer: bad })],
    questions: [
      question({
        prompt: bad,
        payload: bad,
        node: bad,
        field: { kind: "text", original: bad, language: "" },
      }),
    ],
  });
  expect(all("img")).toEqual([]);
});

test("the end of the view removes every listener and the card", async () => {
  const { fake, el } = await shown();
  endView();
  expect(fake.listeners).toBe(0);
  expect(el.children).toHaveLength(0);
});
