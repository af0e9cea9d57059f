/** The store without a drawing: which messages go to the kernel, and in which state a question is afterwards. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TIMEOUT_MS } from "../src/channel";
import type { PageMessage } from "../src/protocol";
import { createStore } from "../src/store";
import { type FakeModel, fakeModel, question, recordToWrite, turn, welcoming } from "./fake";

let end = new AbortController();
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  end.abort();
  end = new AbortController();
  localStorage.clear();
  sessionStorage.clear();
  vi.useRealTimers();
});

const storeOf = async (fake: FakeModel, flushWidgets = () => {}) => {
  const store = createStore(fake.model, end.signal, flushWidgets);
  await vi.advanceTimersByTimeAsync(50);
  return store;
};

const ASKED = question();

test("nothing is sent to a kernel that is gone", async () => {
  const fake = fakeModel();
  const store = await storeOf(fake);
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(store.link.value).toBe("gone");
  store.answer(ASKED);
  store.skip(ASKED);
  store.switchForm(ASKED, "json");
  store.revoke("rule-1");
  expect(fake.sent.map(({ kind }) => kind)).toEqual(["hello"]);
  expect(store.stateOf(ASKED)).toMatchObject({ answer: { kind: "none" }, isSwitching: false });
});

test("changes of widgets reach the kernel before the answer, and the answer itself holds the draft", async () => {
  const fake = welcoming(fakeModel());
  const order: string[] = [];
  const store = await storeOf(fake, () => order.push("widgets"));
  fake.save_changes = () => order.push("drafts");
  fake.kernel = ({ kind }) => order.push(kind);
  store.edit(ASKED, "mine");
  store.answer(ASKED);
  expect(order).toEqual(["widgets", "answer"]);
});

test("a late acceptance counts, and the refusal of a second sending changes nothing", async () => {
  const fake = welcoming(fakeModel());
  const store = await storeOf(fake);
  const sent: PageMessage[] = [];
  fake.kernel = (message) => sent.push(message);
  store.answer(ASKED);
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(store.stateOf(ASKED).answer.kind).toBe("unconfirmed");
  store.answer(ASKED);
  const [first, second] = sent.map(({ request }) => request) as [string, string];
  fake.say({ kind: "accepted", request: first, revision: 2, record: null });
  await vi.advanceTimersByTimeAsync(0);
  const problem = { kind: "problem", name: "AlreadyAnswered", message: "answered already" } as const;
  fake.say({ kind: "refused", request: second, problem, flaws: [] });
  await vi.advanceTimersByTimeAsync(0);
  expect(store.stateOf(ASKED).answer).toEqual({ kind: "accepted" });
});

test.each([
  [null, '"mine"'],
  ["typed meanwhile", "typed meanwhile"],
])(
  "a switch of the form brings the draft along unless the draft has changed meanwhile (%j)",
  async (typed, draft) => {
    const fake = welcoming(fakeModel());
    const store = await storeOf(fake);
    store.edit(ASKED, "mine");
    store.switchForm(ASKED, "json");
    if (typed !== null) store.edit(ASKED, typed);
    fake.say({ kind: "switched", request: fake.last("switch").request, draft: '"mine"' });
    await vi.advanceTimersByTimeAsync(0);
    expect(store.draftOf(ASKED)).toBe(draft);
  },
);

const SIBLING = question({ id: "s1", node: "other", payload: "1" });

test.each<[string, (fake: FakeModel, store: Awaited<ReturnType<typeof storeOf>>) => void, string]>([
  [
    "goes over to the other form",
    (fake, store) => {
      store.switchForm(SIBLING, "json");
      fake.say({ kind: "switched", request: fake.last("switch").request, draft: "half" });
    },
    "s1",
  ],
  [
    "moves to the same question when asked again",
    (fake) => {
      fake.show({ phase: { kind: "running" }, questions: [] });
      fake.show({ phase: { kind: "asking" }, questions: [{ ...SIBLING, id: "s2" }] });
    },
    "s2",
  ],
])("a text still belongs to the person who typed the text where the text %s", async (_, change, id) => {
  for (const isMine of [true, false]) {
    const fake = welcoming(fakeModel({ questions: [SIBLING] }, isMine ? {} : { s1: "half" }));
    const store = await storeOf(fake);
    if (isMine) store.edit(SIBLING, "half");
    change(fake, store);
    await vi.advanceTimersByTimeAsync(200);
    fake.set("drafts", { [id]: "theirs" });
    fake.emit("change:drafts");
    expect(store.draftOf({ ...SIBLING, id })).toBe(isMine ? "half" : "theirs");
    end.abort();
    end = new AbortController();
    sessionStorage.clear();
  }
});

test("the draft of a settled question is dropped", async () => {
  const fake = welcoming(fakeModel());
  const store = await storeOf(fake);
  store.edit(ASKED, "mine");
  await vi.advanceTimersByTimeAsync(200);
  expect(fake.get("drafts")).toEqual({ i1: "mine" });
  fake.show({ phase: { kind: "finished", result: "{}", gist: "" }, questions: [], turns: [turn()] });
  await vi.advanceTimersByTimeAsync(200);
  expect(fake.get("drafts")).toEqual({});
});

test("a decision of a rule is recorded once, however often the view changes", async () => {
  const decided = { kind: "decided" as const, request: "d1", record: recordToWrite() };
  const fake = fakeModel({ turns: [turn({ record: { kind: "recording" } })], decided: [decided] });
  await storeOf(welcoming(fake));
  fake.show({ notes: ["Something else."] });
  expect(fake.count("record_outcome")).toBe(1);
});
