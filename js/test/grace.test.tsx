import { describe, expect, test, vi } from "vitest";
import { createGrace, GRACE_MS } from "../src/grace";
import * as strings from "../src/strings";
import { question, turn } from "./fake";
import { settle, shown } from "./page";

/** A card whose person keeps answers back. */
async function keeping(first = question()) {
  const page = await shown({ questions: [first] });
  const option = strings.machine.grace(GRACE_MS / 1_000);
  await page.more();
  await page.click(".preference:last-child input");
  expect(page.text(".preference:last-child")).toEqual([option]);
  await page.more();
  return page;
}

test("without the choice an answer is sent at once", async () => {
  const { fake, one } = await shown();
  one(".resume").click();
  expect(fake.count("answer")).toBe(1);
});

describe("an answer that is kept back", () => {
  test("is sent when the time is over, and only once", async () => {
    const { fake, one, type, text, field } = await keeping();
    await type("mine");
    one(".resume").click();
    await settle();
    expect(fake.count("answer")).toBe(0);
    expect([text(".delivery"), field().readOnly]).toEqual([[strings.question.kept(5)], true]);
    one(".resume").click();
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    expect([fake.count("answer"), fake.last("answer").draft]).toEqual([1, "mine"]);
    expect(text(".delivery")).toEqual([strings.question.sending]);
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    expect(fake.count("answer")).toBe(1);
  });

  test("is taken back by the button or the undo key, keeps the text, and can be sent again", async () => {
    const { fake, one, all, type, field } = await keeping();
    await type("mine");
    for (const back of [
      () => one(".take-back button").click(),
      () => field().dispatchEvent(new KeyboardEvent("keydown", { key: "z", ctrlKey: true, bubbles: true })),
    ]) {
      one(".resume").click();
      await settle();
      back();
      await settle();
      await vi.advanceTimersByTimeAsync(2 * GRACE_MS);
      expect([fake.count("answer"), field().value, field().readOnly]).toEqual([0, "mine", false]);
      expect(all(".take-back")).toEqual([]);
    }
    one(".resume").click();
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    expect(fake.count("answer")).toBe(1);
  });

  test("is sent when the page is left", async () => {
    const { fake, one } = await keeping();
    one(".resume").click();
    window.dispatchEvent(new Event("pagehide"));
    expect(fake.count("answer")).toBe(1);
  });

  test("is not sent where another client was first, and the text is told", async () => {
    const { fake, one, type, text } = await keeping();
    await type("mine");
    one(".resume").click();
    fake.show({ questions: [], phase: { kind: "running" }, turns: [turn({ origin: "elsewhere" })] });
    await vi.advanceTimersByTimeAsync(2 * GRACE_MS);
    expect(fake.count("answer")).toBe(0);
    expect(text(".problem .answer")).toEqual(["mine"]);
  });

  test("is not sent for a question that is asked again under the same id", async () => {
    const { fake, one, type } = await keeping();
    await type("mine");
    one(".resume").click();
    fake.show({ questions: [], phase: { kind: "running" }, turns: [turn({ origin: "elsewhere" })] });
    await settle();
    fake.show({ questions: [question()], phase: { kind: "asking" } });
    await vi.advanceTimersByTimeAsync(2 * GRACE_MS);
    expect(fake.count("answer")).toBe(0);
  });

  test("is not sent where another page has changed the text that the person saw", async () => {
    const { fake, one } = await keeping();
    one(".resume").click();
    await vi.advanceTimersByTimeAsync(GRACE_MS / 2);
    fake.update({ drafts: { [question().id]: "theirs" } });
    await vi.advanceTimersByTimeAsync(2 * GRACE_MS);
    expect(fake.count("answer")).toBe(0);
  });

  test("is sent with the text that was typed here, though somebody types in another page", async () => {
    const { fake, one, type } = await keeping();
    await type("mine");
    one(".resume").click();
    await vi.advanceTimersByTimeAsync(GRACE_MS / 2);
    fake.update({ drafts: { [question().id]: "theirs" } });
    await vi.advanceTimersByTimeAsync(2 * GRACE_MS);
    expect(fake.last("answer").draft).toBe("mine");
  });

  test("is sent with the revision that the person saw, not with a later revision", async () => {
    const { fake, one } = await keeping();
    const { revision } = fake.view;
    one(".resume").click();
    fake.show({ notes: ["something else"] });
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    expect([fake.last("answer").revision, fake.view.revision]).toEqual([revision, revision + 1]);
  });
});

test("a second answer to a question replaces the first, with a time of grace of its own", () => {
  vi.useFakeTimers();
  const sent: string[] = [];
  const grace = createGrace(new AbortController().signal);
  grace.keep("i1", () => sent.push("first"));
  vi.advanceTimersByTime(GRACE_MS - 1);
  grace.keep("i1", () => sent.push("second"));
  vi.advanceTimersByTime(GRACE_MS - 1);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual(["second"]);
});
