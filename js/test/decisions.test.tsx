import { expect, test, vi } from "vitest";
import { openIn, readDraft, writeDraft } from "../src/decisions/draft";
import { editsBetween } from "../src/decisions/edits";
import { parse } from "../src/json";
import type { Action, Content, Control, DecisionsField, Request } from "../src/protocol";
import { strings } from "../src/strings";
import { question } from "./fake";
import { settle, shown } from "./page";

const LONG: Control = { kind: "text", format: "long", language: "", longest: null };
const COUNT: Control = { kind: "number", integer: true, least: null, most: null, step: null };
const ARGS: Control = {
  kind: "group",
  members: [
    { kind: "member", name: "count", label: "count", hint: "", required: true, start: "0", control: COUNT },
  ],
  others: null,
  start: "null",
};
const START = '{\n  "count": 12345678901234567890,\n  "note": "x"\n}';

const action = (name: string, changes: Partial<Action> = {}): Action => ({
  kind: "action",
  name,
  label: name,
  key: name[0] ?? "",
  look: "plain",
  control: null,
  start: "",
  asks: "",
  ...changes,
});
const approve = action("approve", { look: "good" });
const edit = action("edit", { control: ARGS, start: START });
const reject = action("reject", { look: "bad", control: LONG, start: '""' });
const request = (title: string, actions = [approve, edit, reject]): Request => ({
  kind: "request",
  title,
  shows: [],
  actions,
});
const field = (...requests: Request[]): DecisionsField => ({
  kind: "decisions",
  original: JSON.stringify(requests.map(() => null)),
  requests,
  shared: {},
});

const TREE: Content = { kind: "tree", text: '{"count": 1}' };

const asked = (...requests: Request[]) => shownDecisions(field(...requests));

async function shownDecisions(decisions: DecisionsField) {
  const card = await shown({ questions: [question({ field: decisions, payload: "" })] });
  /** What would be sent; the draft is told to the kernel after a pause. */
  const draft = async () => {
    await vi.advanceTimersByTimeAsync(1_000);
    return card.fake.get("drafts").i1 ?? "";
  };
  const press = async (selector: string, key: string, init: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
    card.one(selector).dispatchEvent(event);
    await settle();
  };
  const resume = () => card.one(".resume");
  return { ...card, draft, press, resume };
}

const at = (index: number) => `[data-request="${index}"]`;

test("one request: its letter and Ctrl+Enter send the decision", async () => {
  const { fake, press, resume } = await asked(request("send_email"));
  expect(resume().getAttribute("aria-disabled")).toBe("true");
  await press(at(0), "a");
  await press(at(0), "Enter", { ctrlKey: true });
  expect(JSON.parse(fake.last("answer").draft)).toEqual([{ action: "approve" }]);
});

test("nothing is sent while a request is undecided, and the card says how many are", async () => {
  const { fake, press, text, resume } = await asked(request("one"), request("two"));
  await press(at(1), "a");
  resume().click();
  expect(fake.count("answer")).toBe(0);
  expect(text(".overview > [role=status]")).toEqual(["1 of 2 decided"]);
  expect(text(".badge")).toEqual(["undecided", "approve"]);
  expect(text(".editor > .hint")[0]).toBe("1 request is undecided.");
});

test("only the actions that are allowed are there, and their letters", async () => {
  const { press, draft, text } = await asked(request("one", [approve, reject]));
  expect(text(".verdict")).toEqual(["approvea", "rejectr"]);
  await press(at(0), "e");
  expect(await draft()).toBe("");
});

test("j, k and the arrows move between requests", async () => {
  const { press, root, one } = await asked(request("one"), request("two"), request("three"));
  const focused = () => root.activeElement?.getAttribute("data-request");
  await press(".decisions", "j");
  expect(focused()).toBe("0");
  await press(at(0), "j");
  await press(at(1), "ArrowDown");
  await press(at(2), "j");
  expect(focused()).toBe("2");
  await press(at(2), "k");
  expect(focused()).toBe("1");
  one(`${at(1)} input`).focus();
  await press(`${at(1)} input`, "ArrowDown"); // between radio buttons
  expect(root.activeElement).toBe(one(`${at(1)} input`));
});

test("letters typed into a control decide nothing", async () => {
  const { press, text } = await asked(request("one"));
  await press(at(0), "r");
  await press(`${at(0)} textarea`, "a");
  expect(text(".fill-in textarea")).toHaveLength(1);
});

test("an action's control takes the focus, and begins with what the action says", async () => {
  const { press, root, one, draft } = await asked(request("one"));
  await press(at(0), "e");
  expect(root.activeElement).toBe(one(".fill-in input"));
  expect(await draft()).toContain('"count": 12345678901234567890');
});

test("what is filled in is kept while another action is looked at", async () => {
  const { press, field: area, type, draft } = await asked(request("one"));
  await press(at(0), "r");
  await type("too much");
  await press(at(0), "a");
  expect(JSON.parse(await draft())).toEqual([{ action: "approve" }]);
  await press(at(0), "r");
  expect(area().value).toBe("too much");
});

test("what was edited is marked, old and new", async () => {
  const { press, one, text, draft } = await asked(request("one"));
  await press(at(0), "e");
  expect(text(".changed")).toEqual([]);
  (one(".fill-in input") as HTMLInputElement).value = "5";
  one(".fill-in input").dispatchEvent(new Event("input", { bubbles: true }));
  await settle();
  expect(text(".changed")).toEqual(["changed"]);
  expect(text(".edits li")).toEqual(["count 12345678901234567890 → 5"]);
  expect(JSON.parse(await draft())).toEqual([{ action: "edit", value: { count: 5, note: "x" } }]);
});

test("a reason that is written is no edit", async () => {
  const { press, type, text } = await asked(request("one"));
  await press(at(0), "r");
  await type("too much");
  expect(text(".changed, .edits")).toEqual([]);
});

test("approving all leaves what was decided", async () => {
  const { press, click, draft, one } = await asked(request("one"), request("two"), request("three"));
  expect(one(".all").textContent).toBe("approve all");
  await press(at(1), "r");
  expect(one(".all").textContent).toBe("approve the rest");
  await click(".all");
  const actions = JSON.parse(await draft()).map((decision: { action: string }) => decision.action);
  expect(actions).toEqual(["approve", "reject", "approve"]);
});

test("where one request cannot be approved, there is no button for all", async () => {
  const { all } = await asked(request("one"), request("two", [reject]));
  expect(all(".all")).toEqual([]);
});

const stop = action("continue", { look: "good" });
const stopped = (draft: unknown): DecisionsField => ({
  ...field({ ...request("", [stop, edit]), shows: [TREE] }),
  original: JSON.stringify(draft, null, 2),
});

test("one request that is decided from the start: the button reads as what it does, until that is another", async () => {
  const decided = stopped([{ action: "continue" }]);
  const { fake, press, resume, text } = await shownDecisions(decided);
  expect(resume().textContent).toBe("continue");
  await press(at(0), "e");
  expect(resume().textContent).toBe(strings.question.resume);
  await press(at(0), "c");
  expect(text(".resume")).toEqual(["continue"]);
  resume().click();
  expect(fake.last("answer").draft).toBe(decided.original);
});

test("a decision that a person makes is sent with the usual button", async () => {
  const { press, resume } = await shownDecisions(stopped([null]));
  await press(at(0), "c");
  expect(resume().textContent).toBe(strings.question.resume);
});

test("a request without a title has no line for it, and is named by the question or its number", async () => {
  const alone = await shownDecisions(stopped([null]));
  expect(alone.all(".request-head")).toEqual([]);
  const name = alone.one(at(0)).getAttribute("aria-labelledby") ?? "";
  expect(alone.root.getElementById(name)?.textContent).toMatch(/^Your answer/);
  const { one } = await asked(request(""), request("b"));
  expect(one(at(0)).getAttribute("aria-label")).toBe("Request 1");
});

test("what is edited is folded away where it was drawn; what is said of it is not", async () => {
  const said = { kind: "prose", text: "Needs approval", markdown: false } as const;
  const { press, all, text } = await asked({ ...request("one"), shows: [said, TREE] });
  expect(all(".proposed")).toEqual([]);
  await press(at(0), "r");
  expect(all(".proposed")).toEqual([]);
  await press(at(0), "e");
  expect((all(".proposed")[0] as HTMLDetailsElement).open).toBe(false);
  expect(text(".request > .contents")).toEqual(["Needs approval"]);
});

test("what a decision sends is shown once it is made", async () => {
  const { fake, press, all, text } = await asked(request("one"));
  expect(all(".sends")).toEqual([]);
  await press(at(0), "a");
  await vi.waitFor(() => expect(fake.count("check")).toBe(1));
  const sent = '{"decisions": [{"type": "approve"}]}';
  fake.say({ kind: "checked", request: fake.last("check").request, sends: "object", sent, flaws: [] });
  await settle();
  expect(text(".sends code")).toEqual([sent]);
});

test("a flaw is drawn in the request it belongs to", async () => {
  const { fake, press, resume, text } = await asked(request("one"), request("two"));
  await press(at(0), "a");
  await press(at(1), "e");
  resume().click();
  await settle();
  fake.say({
    kind: "refused",
    request: fake.last("answer").request,
    problem: { kind: "problem", name: "InvalidAnswer", message: "no" },
    flaws: [{ kind: "flaw", path: ["1", "value", "count"], message: "is too much" }],
  });
  await settle();
  expect(text(`${at(1)} .fill-in`)[0]).toContain("is too much");
  expect(text(at(0))[0]).not.toContain("is too much");
});

test("markup and hidden characters in a request are text", async () => {
  const bad = "<img src=x onerror=alert(1)>\u202E";
  const { all, text } = await asked(
    request(bad, [action(bad, { key: "x" }), { ...edit, start: JSON.stringify({ [bad]: bad }) }]),
  );
  all(".verdict input")[1]?.click();
  await settle();
  expect(all("img")).toEqual([]);
  expect(text(".request-title")).toEqual(["<img src=x onerror=alert(1)>⟨U+202E⟩"]);
});

test.each(["", "no JSON", "{}", "7", "[1, 2]", '[{"action": "gone"}]', '[{"value": 1}]'])(
  "of the draft %j nothing is decided",
  (draft) => {
    expect(readDraft(draft, field(request("one"), request("two")))).toEqual([null, null]);
  },
);

test("a draft is read and written without a change", () => {
  const draft = `[\n  {\n    "action": "edit",\n    "value": {\n      "count": 1.0\n    }\n  },\n  null\n]`;
  expect(writeDraft(readDraft(draft, field(request("one"), request("two"))))).toBe(draft);
  expect(openIn(draft)).toEqual({ undecided: 1, unfinished: false, all: 2 });
});

test.each([
  ['{"a": 1, "b": 2}', '{"b": 2, "a": 1}', []],
  ['{"a": 1}', '{"a": 1.0}', [{ path: ["a"], before: "1", after: "1.0" }]],
  [
    '{"a": 1}',
    '{"b": 1}',
    [
      { path: ["a"], before: "1", after: null },
      { path: ["b"], before: null, after: "1" },
    ],
  ],
  ['[1, {"a": "x"}]', '[1, {"a": ""}]', [{ path: ["1", "a"], before: "x", after: "" }]],
  ["[1]", "[1, 2]", [{ path: [], before: "[\n  1\n]", after: "[\n  1,\n  2\n]" }]],
])("from %s to %s", (before, after, expected) => {
  expect(editsBetween(parse(before), parse(after))).toEqual(expected);
});
