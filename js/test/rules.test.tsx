import { expect, test, vi } from "vitest";
import { withoutRulings, withRulings } from "../src/decisions/ruled";
import type {
  Action,
  DecidedMessage,
  DecisionsField,
  Question,
  Request,
  Ruled,
  RuleInForce,
  Turn,
} from "../src/protocol";
import * as strings from "../src/strings";
import { question, turn } from "./fake";
import { settle, shown } from "./page";

const action = (name: string, look: Action["look"], control: Action["control"] = null): Action => ({
  kind: "action",
  name,
  label: name,
  key: name[0] ?? "",
  look,
  control,
  start: control ? '""' : "",
  asks: "",
  sends: name,
});
const TEXT: Action["control"] = { kind: "text", format: "long", language: "", longest: null };
const request = (tool: string): Request => ({
  kind: "request",
  title: tool,
  shows: [],
  actions: [action("approve", "good"), action("reject", "bad", TEXT)],
  call: {
    kind: "call",
    tool,
    args: [
      { name: "amount", text: "5", bounded: true },
      { name: "to", text: '"Ann"', bounded: false },
    ],
  },
});
const RULE: RuleInForce = {
  kind: "rule",
  id: "r1",
  text: "allow('search')",
  decides: "allow",
  scope: "source",
  decided: 2,
  calls: ['search(query="a")', 'search(query="b")'],
  revoked: false,
};
const ruled = (request: number): Ruled => ({
  kind: "ruled",
  request,
  action: "approve",
  rule: "r1",
  text: RULE.text,
});

function asking(tools: string[], by: Ruled[] = []): Question {
  const field: DecisionsField = {
    kind: "decisions",
    original: JSON.stringify(
      tools.map(() => null),
      null,
      2,
    ), // as the kernel writes JSON
    requests: tools.map(request),
    shared: {},
  };
  return question({ field, payload: "", ...(by.length > 0 && { ruled: by }) });
}

test("a call that a rule decided is marked, and sent with the decisions of the person on the remaining calls", async () => {
  const { fake, all, click, text } = await shown({
    questions: [asking(["search", "pay"], [ruled(0)])],
    rules: [RULE],
  });
  expect(text("[data-request='0'] .ruled")[0]).toContain(`approve${strings.rules.by} allow('search')`);
  expect(all("[data-request='0'] .verdict")).toEqual([]);
  await click("[data-request='1'] .verdict");
  await click(".resume");
  expect(JSON.parse(fake.last("answer").draft)).toEqual([{ action: "approve" }, { action: "approve" }]);
});

test("nothing is there to undo where only a rule decided, and the rule stays when a person undoes", async () => {
  const { fake, one, click } = await shown({ questions: [asking(["search", "pay"], [ruled(0)])] });
  const isOff = () => one(".undo").getAttribute("aria-disabled");
  expect(isOff()).toBe("true");
  await click("[data-request='1'] .verdict");
  expect(isOff()).toBe("false");
  await click(".undo");
  expect(isOff()).toBe("true");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(fake.get("drafts")).toEqual({});
});

test("a refused answer that only a rule decided is not told as something that the person had written", async () => {
  const { fake, click, text } = await shown({ questions: [asking(["search"], [ruled(0)])] });
  await click(".ruled .primary");
  const { request } = fake.last("answer");
  fake.show({ phase: { kind: "running" }, questions: [] });
  const problem = { kind: "problem", name: "AlreadyAnswered", message: "answered before" } as const;
  fake.say({ kind: "refused", request, problem, flaws: [] });
  await settle();
  expect(text('[role="alert"]')).toEqual(["answered before"]);
});

test("the line of a rule's decision offers to be asked instead, the line of an answer to change the answer", async () => {
  for (const [origin, told] of Object.entries(strings.requests.askAgain)) {
    const { text } = await shown({ turns: [turn({ origin: origin as Turn["origin"] })], ask_again: true });
    expect(text(".request-ask_again")).toEqual([told]);
  }
  expect(strings.requests.askAgain).toMatchObject({ person: "Change my answer", rule: "Ask me instead" });
});

test.each([
  ["r", ["search", "pay"]],
  ["a", ["search"]], // without a further call, a letter on an open call sends the answer
])("the letter %j decides nothing on a call that a rule decided, of the calls %j", async (key, tools) => {
  const { fake, one } = await shown({ questions: [asking(tools, [ruled(0)])], rules: [RULE] });
  one("[data-request='0']").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(fake.get("drafts")).toEqual({});
  expect(fake.count("answer")).toBe(0);
});

test("a draft holds no decision of a rule, so that the call is open again when the rule is revoked", () => {
  const both = asking(["search", "pay"], [ruled(0)]);
  const draft = withRulings(both, '[null, {"action": "reject", "value": "no"}]');
  expect(JSON.parse(draft)[0]).toEqual({ action: "approve" });
  expect(JSON.parse(withoutRulings(both, draft))).toEqual([null, { action: "reject", value: "no" }]);
});

test("rules in force are shown with the number of decided calls, and a click revokes a rule", async () => {
  const { fake, click, text, all } = await shown({ rules: [RULE, { ...RULE, id: "r2", revoked: true }] });
  expect(text(".rule .hint")).toEqual(["from the source · 2 calls decided", "revoked · 2 calls decided"]);
  expect(all(".rule .revoke").length).toBe(1);
  await click(".rule .revoke");
  expect(fake.last("revoke")).toMatchObject({ rule: "r1" });
});

test("a rule of the source that has decided nothing stands among the details", async () => {
  const { click, text } = await shown({
    rules: [
      { ...RULE, decided: 0 },
      { ...RULE, id: "r2", text: "made" },
    ],
  });
  expect(text(".rule code")).toEqual(["made"]);
  await click(".more");
  expect(text(".rule code")).toEqual(["allow('search')", "made"]);
});

test("a run that has ended asks no rule: rules are among the details, and only a rule of the kernel can be revoked", async () => {
  const ofKernel: RuleInForce = { ...RULE, id: "r2", text: "allow('pay')", scope: "kernel" };
  const phase = { kind: "finished", result: "1", gist: "1" } as const;
  const { all, text, click } = await shown({
    phase,
    questions: [],
    turns: [turn()],
    rules: [RULE, ofKernel],
  });
  expect(all(".rule")).toEqual([]);
  await click(".more");
  expect(text(".rule code")).toEqual(["allow('search')", "allow('pay')"]);
  expect(all(".revoke").map((each) => each.getAttribute("aria-label"))).toEqual([
    strings.rules.revokeThis("allow('pay')"),
  ]);
});

test("approve, and don't ask again: for the arguments and the time that the person chooses", async () => {
  const { fake, one, all, click, text } = await shown({ questions: [asking(["pay"])] });
  expect(all(".dont-ask")).toEqual([]); // a person who decides once is shown no more than the call
  await click(".more");
  expect(text(".dont-ask summary")).toEqual(["Approve, and don't ask again for pay …"]);
  const [amount, to, scope] = [...one(".dont-ask").querySelectorAll("select")] as HTMLSelectElement[];
  expect([...(amount?.options ?? [])].map(({ value }) => value)).toEqual(["same", "up_to", "any"]);
  expect([...(to?.options ?? [])].map(({ value }) => value)).toEqual(["same", "any"]);
  for (const [select, value] of [
    [amount, "up_to"],
    [scope, "kernel"],
  ] as const) {
    if (!select) throw new Error("a select is missing");
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
  }
  await click(".allow");
  expect(fake.last("allow")).toMatchObject({ call: 0, scope: "kernel", bounds: { amount: "up_to" } });
});

test("a question that is asked again waits for a click, also where rules decided on every call", async () => {
  const { fake, click } = await shown({ questions: [asking(["search"], [ruled(0)])], rules: [RULE] });
  await click(".ruled .primary");
  expect(JSON.parse(fake.last("answer").draft)).toEqual([{ action: "approve" }]);
});

test("an answer by a rule names the rule", async () => {
  const { text } = await shown({ turns: [turn({ origin: "rule", ruled: "the rule allow('search')" })] });
  expect(text(".turn .origin")).toEqual(["rules"]);
  expect(text(".turn-details .hint")[0]).toContain("Decided by the rule allow('search').");
});

test("a decision of a rule after the end of the cell is recorded by the page, once", async () => {
  const decided = { kind: "decided", request: "decided-0", record: record() } as DecidedMessage;
  const view = { turns: [turn({ origin: "rule", record: { kind: "recording" } })], decided: [decided] };
  const { fake } = await shown(view);
  expect(fake.count("record_outcome")).toBe(1);
  expect(fake.last("record_outcome")).toMatchObject({ request: "decided-0" });
});

function record(): DecidedMessage["record"] {
  return {
    kind: "record_to_write",
    format: 1,
    entry: {
      ...{ cell: "", execution: "e", node: "agent", ordinal: 0, payload_sha256: "0", payload: "1" },
      ...{ answer: "1", answered_at: "2026-01-01T00:00:00+00:00", answered_by: "the rule allow('search')" },
    },
    output: { "text/plain": "told" },
    told: { card: 0, node: "agent", ordinal: 0, place: [0, 0, 0, 0] },
  };
}
