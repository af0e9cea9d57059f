import { expect, test, vi } from "vitest";
import * as strings from "../src/strings";
import { question } from "./fake";
import { settle, shown } from "./page";

const text = strings.deadline;
const at = () => Date.now() / 1000 + 600;
const asked = (left: number | null = null) =>
  shown({
    questions: [question({ deadline: { kind: "deadline", at: at(), left, otherwise: "pay: reject\nno" } })],
  });

test("the time that is left is counted down, with the answer that comes then", async () => {
  const { text: said } = await asked();
  const before = Number(said(".countdown .time")[0]?.match(/:(\d\d)/)?.[1]);
  expect(said(".countdown .hint")).toEqual([text.otherwise("pay: reject\nno")]);
  await vi.advanceTimersByTimeAsync(5_000);
  const now = said(".countdown .time")[0] ?? "";
  expect(now).toMatch(/^9:\d\d left$/);
  expect((60 + before - Number(now.match(/:(\d\d)/)?.[1])) % 60).toBe(5);
});

test("typing stops the countdown, once", async () => {
  const { fake, type } = await asked();
  await type("a");
  await type("ab");
  expect(fake.count("pause")).toBe(1);
  expect(fake.last("pause")).toMatchObject({ goes_on: false });
});

test("a click in the question stops the countdown", async () => {
  const { fake, one } = await asked();
  one(".fill").dispatchEvent(new Event("pointerdown", { bubbles: true }));
  await settle();
  expect(fake.count("pause")).toBe(1);
});

test("a paused countdown stands still, and the button lets the time go on", async () => {
  const { fake, text: said, click } = await asked(90);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(said(".countdown .time")).toEqual([text.paused("1:30")]);
  await click(".countdown button");
  expect(fake.last("pause")).toMatchObject({ goes_on: true });
});

test("a question without a deadline has no countdown, and typing pauses nothing", async () => {
  const { fake, all, type } = await shown({ questions: [question({})] });
  await type("a");
  expect(all(".countdown")).toEqual([]);
  expect(fake.count("pause")).toBe(0);
});
