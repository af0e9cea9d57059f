import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createChannel, TIMEOUT_MS } from "../src/channel";
import type { KernelMessage } from "../src/protocol";
import { fakeModel } from "./fake";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const fake = fakeModel();
  const end = new AbortController();
  const heard: KernelMessage[] = [];
  const channel = createChannel(fake.model, end.signal, (message) => heard.push(message));
  return { fake, end, heard, channel };
}

test("a reply in time settles the request", async () => {
  const { fake, channel } = open();
  const { reply, inTime } = channel.ask({ kind: "hello" });
  const welcome = { kind: "welcome", request: fake.last("hello").request, revision: 7 } as const;
  fake.say(welcome);
  expect(await reply).toEqual(welcome);
  expect(await inTime).toBe(true);
});

test("requests have different ids, and another page's reply settles nothing", async () => {
  const { fake, channel, heard } = open();
  const { inTime } = channel.ask({ kind: "hello" });
  channel.ask({ kind: "hello" });
  const ids = fake.sent.map(({ request }) => request);
  expect(new Set(ids).size).toBe(2);
  fake.say({ kind: "welcome", request: "of-another-page", revision: 7 });
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(await inTime).toBe(false);
  expect(heard).toHaveLength(1);
});

test("a late reply still settles the request", async () => {
  const { fake, channel } = open();
  const { reply, inTime } = channel.ask({ kind: "answer", id: "i1", revision: 1, draft: "x" });
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(await inTime).toBe(false);
  fake.say({ kind: "accepted", request: fake.last("answer").request, revision: 2, record: null });
  expect((await reply).kind).toBe("accepted");
});

test("a model that cannot send is known at once", async () => {
  const { fake, channel } = open();
  fake.dead = true;
  expect(await channel.ask({ kind: "hello" }).inTime).toBe(false);
});

test("a request leaves no listener on the signal of the view, with a reply or without", async () => {
  const { fake, end, channel } = open();
  const added = vi.spyOn(end.signal, "addEventListener");
  const removed = vi.spyOn(end.signal, "removeEventListener");
  const left = () => added.mock.calls.length - removed.mock.calls.length;
  channel.ask({ kind: "hello" });
  expect(left()).toBe(1);
  fake.say({ kind: "welcome", request: fake.last("hello").request, revision: 7 });
  await vi.advanceTimersByTimeAsync(0);
  expect(left()).toBe(0);
  channel.ask({ kind: "hello" });
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(left()).toBe(0);
  expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
    added.mock.calls.map(([, listener]) => listener),
  );
});

test("the timer of a request ends with the view", () => {
  const { end, channel } = open();
  channel.ask({ kind: "hello" });
  end.abort();
  expect(vi.getTimerCount()).toBe(0);
});

test("the listener ends with the view", () => {
  const { fake, end } = open();
  expect(fake.listeners).toBe(1);
  end.abort();
  expect(fake.listeners).toBe(0);
});
