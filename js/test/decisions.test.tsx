import { expect, test, vi } from "vitest";
import { openIn, readDraft, writeDraft } from "../src/decisions/draft";
import { editsBetween } from "../src/decisions/edits";
import { parse } from "../src/json";
import type { Action, Content, Control, DecisionsField, Request } from "../src/protocol";
import * as strings from "../src/strings";
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
  sends: `send ${name}`,
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
  /** The draft as the kernel has it: the card tells the kernel after a pause. */
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

test("a single request: the letter of an action sends the decision, once", async () => {
  const { fake, press, all } = await asked(request("send_email"));
  expect(all(".resume")).toEqual([]);
  await press(at(0), "Enter", { ctrlKey: true });
  expect(fake.count("answer")).toBe(0);
  await press(at(0), "a");
  await press(at(0), "a");
  expect(fake.count("answer")).toBe(1);
  expect(JSON.parse(fake.last("answer").draft)).toEqual([{ action: "approve" }]);
});

test("a single request: a click on the button of an action sends the decision", async () => {
  const { fake, all } = await asked(request("send_email"));
  all(".verdict")[0]?.click();
  expect(JSON.parse(fake.last("answer").draft)).toEqual([{ action: "approve" }]);
});

test("a key that is held down decides nothing", async () => {
  const { fake, press } = await asked(request("send_email"));
  await press(at(0), "a", { repeat: true });
  expect(fake.count("answer")).toBe(0);
});

test("Enter sends a written reason, and asks for a second Enter where the reason is empty", async () => {
  const { fake, press, type, text } = await asked(request("send_email"));
  await press(at(0), "r");
  await press("textarea", "Enter");
  expect(fake.count("answer")).toBe(0);
  expect(text(".once-more")).toEqual([strings.decisions.onceMore]);
  await type("t");
  expect(text(".once-more")).toEqual([""]);
  await type("too much");
  await press("textarea", "Enter", { shiftKey: true });
  expect(fake.count("answer")).toBe(0);
  await press("textarea", "Enter");
  expect(JSON.parse(fake.last("answer").draft)).toEqual([{ action: "reject", value: "too much" }]);
});

test("without a reason a second Enter sends the rejection, and a held key does not", async () => {
  const { fake, press } = await asked(request("send_email"));
  await press(at(0), "r");
  await press("textarea", "Enter");
  await press("textarea", "Enter", { repeat: true });
  expect(fake.count("answer")).toBe(0);
  await press("textarea", "Enter");
  expect(JSON.parse(fake.last("answer").draft)).toEqual([{ action: "reject", value: "" }]);
});

test("edited arguments are sent by a separate button, or Ctrl+Enter", async () => {
  const { fake, press, resume } = await asked(request("send_email"));
  await press(at(0), "e");
  expect(resume().textContent).toBe("send edit");
  await press(".fill-in input", "Enter", { ctrlKey: true });
  expect(fake.last("answer").draft).toContain('"count": 12345678901234567890');
});

test("Escape leads from the line of the reason back to the request", async () => {
  const { press, root, one } = await asked(request("send_email"));
  await press(at(0), "r");
  await press("textarea", "Escape");
  expect(root.activeElement).toBe(one(at(0)));
});

test("after each decision the focus goes on to the next open request, also from the last to the first", async () => {
  const { press, root, draft } = await asked(request("one"), request("two"), request("three"));
  const current = () => root.activeElement?.getAttribute("data-request");
  const act = (key: string) => press(`${at(Number(current() ?? 0))}`, key);
  await press(at(0), "j"); // to the second
  await act("a");
  expect(current()).toBe("2");
  await act("j"); // there is no request below
  await act("r");
  await press(`${at(2)} textarea`, "Enter");
  expect(current()).toBe("0");
  await act("a");
  expect(current()).toBe("0"); // no request is open
  const actions = JSON.parse(await draft()).map(({ action }: { action: string }) => action);
  expect(actions).toEqual(["approve", "approve", "reject"]);
});

test("the last of several decisions sends nothing by itself; Ctrl+Enter does", async () => {
  const { fake, press } = await asked(request("one"), request("two"));
  await press(at(0), "a");
  await press(at(1), "a");
  expect(fake.count("answer")).toBe(0);
  await press(at(1), "Enter", { ctrlKey: true });
  expect(fake.count("answer")).toBe(1);
});

test("the last of several decisions sends them where a person asked for that", async () => {
  const { fake, press, one, more } = await asked(request("one"), request("two"));
  await more();
  (one(".preference input") as HTMLInputElement).click();
  await settle();
  await press(at(0), "a");
  expect(fake.count("answer")).toBe(0);
  await press(at(1), "a");
  expect(JSON.parse(fake.last("answer").draft)).toEqual([{ action: "approve" }, { action: "approve" }]);
});

test("nothing is sent while a request is undecided, and the card says how many are", async () => {
  const { fake, press, text, resume } = await asked(request("one"), request("two"));
  await press(at(1), "a");
  resume().click();
  expect(fake.count("answer")).toBe(0);
  expect(text(".overview > [role=status]")).toEqual(["1 of 2 decided"]);
  expect(text(`${at(0)} [aria-pressed=true]`)).toEqual([]);
  expect(text(`${at(1)} [aria-pressed=true]`)).toEqual(["approvea"]);
});

test("only allowed actions have buttons and letters", async () => {
  const { press, draft, text } = await asked(request("one", [approve, reject]));
  expect(text(".verdict")).toEqual(["approvea", "rejectr"]);
  await press(at(0), "e");
  expect(await draft()).toBe("");
});

test("j, k and the arrows move between requests", async () => {
  const { press, root, one, draft } = await asked(request("one"), request("two"), request("three"));
  const focused = () => root.activeElement?.getAttribute("data-request");
  await press(".decisions", "a"); // where no request is current
  await press(".decisions", "j");
  expect(focused()).toBe("0");
  await press(at(0), "j");
  await press(at(1), "ArrowDown");
  await press(at(2), "j");
  expect(focused()).toBe("2");
  await press(at(2), "k");
  expect(focused()).toBe("1");
  one(`${at(1)} .verdict`).focus();
  await press(`${at(1)} .verdict`, "ArrowDown");
  expect(focused()).toBe("2");
  expect(await draft()).toBe("");
});

test("letters typed into a control decide nothing", async () => {
  const { press, text } = await asked(request("one"));
  await press(at(0), "r");
  await press(`${at(0)} textarea`, "a");
  expect(text(".fill-in textarea")).toHaveLength(1);
});

test("an action's control takes the focus, and begins with the start value of the action", async () => {
  const { press, root, one, draft } = await asked(request("one"));
  await press(at(0), "e");
  expect(root.activeElement).toBe(one(".fill-in input"));
  expect(await draft()).toContain('"count": 12345678901234567890');
});

test("a filled-in reason is kept while a person looks at another action", async () => {
  const { press, field: area, type, draft } = await asked(request("one"));
  await press(at(0), "r");
  await type("too much");
  await press(at(0), "e");
  expect(JSON.parse(await draft())[0].action).toBe("edit");
  await press(at(0), "r");
  expect(area().value).toBe("too much");
});

test("an edited argument is marked, with the old and the new value", async () => {
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

test("approving all leaves former decisions unchanged", async () => {
  const { press, click, draft, one } = await asked(request("one"), request("two"), request("three"));
  expect(one(".all").textContent).toBe("approve all⇧a");
  await press(at(1), "r");
  expect(one(".all").textContent).toBe("approve the rest⇧a");
  await click(".all");
  const actions = JSON.parse(await draft()).map((decision: { action: string }) => decision.action);
  expect(actions).toEqual(["approve", "reject", "approve"]);
});

test("where a request cannot be approved, there is no button for all", async () => {
  const { all } = await asked(request("one"), request("two", [reject]));
  expect(all(".all")).toEqual([]);
});

const stop = action("continue", { look: "good" });
const stopped = (draft: unknown): DecisionsField => ({
  ...field({ ...request("", [stop, edit]), shows: [TREE] }),
  original: JSON.stringify(draft, null, 2),
});

test("a request that is decided from the start is sent by the button of the decision, and by Ctrl+Enter", async () => {
  const decided = stopped([{ action: "continue" }]);
  const { fake, press, all, resume, text } = await shownDecisions(decided);
  expect(all(".resume")).toEqual([]);
  expect(text(".primary")).toEqual(["continuec"]);
  await press(at(0), "e");
  expect(resume().textContent).toBe("send edit");
  expect(text(".primary")).toEqual(["send edit"]); // only a single button is primary
  await press(at(0), "c");
  expect(fake.last("answer").draft).toBe(writeDraft([{ action: "continue", value: undefined }]));
  const other = await shownDecisions(decided);
  await other.press(at(0), "Enter", { ctrlKey: true });
  expect(other.fake.last("answer").draft).toBe(decided.original);
});

test("a request without a title has no title line, and is named after the question or by a number", async () => {
  const alone = await shownDecisions(stopped([null]));
  expect(alone.all(".request-head")).toEqual([]);
  const name = alone.one(at(0)).getAttribute("aria-labelledby") ?? "";
  expect(alone.root.getElementById(name)?.textContent).toMatch(/^Your answer/);
  const { one } = await asked(request(""), request("b"));
  expect(one(at(0)).getAttribute("aria-label")).toBe("Request 1");
});

test("the proposed arguments are folded away while a person edits, and the description stays", async () => {
  const said = { kind: "prose", text: "Needs approval", markdown: false } as const;
  const { press, all, text } = await asked({ ...request("one"), shows: [said, TREE] });
  expect(all(".proposed")).toEqual([]);
  await press(at(0), "r");
  expect(all(".proposed")).toEqual([]);
  await press(at(0), "e");
  expect((all(".proposed")[0] as HTMLDetailsElement).open).toBe(false);
  expect(text(".request > .contents")).toEqual(["Needs approval"]);
});

test("the value that the decisions send is shown when all requests are decided", async () => {
  const { fake, press, all, text, more } = await asked(request("one"), request("two"));
  await more();
  expect(all(".sends")).toEqual([]);
  await press(at(0), "a");
  await press(at(1), "a");
  await vi.waitFor(() => expect(fake.count("check")).toBe(1));
  const sent = '{"decisions": [{"type": "approve"}]}';
  fake.say({ kind: "checked", request: fake.last("check").request, sends: "object", sent, flaws: [] });
  await settle();
  expect(text(".sends code")).toEqual([sent]);
});

test("a flaw is drawn in the flawed request", async () => {
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
  all(".verdict")[1]?.click();
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
