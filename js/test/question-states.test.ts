/** The state of a question over changes of the view. The clean-up is in a single place. */
import { expect, test } from "vitest";
import { QuestionStates } from "../src/question-states";
import { makeView, question } from "./fake";

const OPEN = makeView();
const GONE = makeView({ questions: [] });
const HELD = makeView({ questions: [question({ standing: { kind: "held", answer: "mine" } })] });
const PROBLEM = { kind: "problem", name: "InvalidAnswer", message: "no" } as const;
const FINDING = { sends: "text", sent: "", draft: "a", flaws: [], refused: false };

function states() {
  const made = new QuestionStates();
  made.put("i1", { answer: { kind: "refused", problem: PROBLEM, draft: "a" }, finding: FINDING });
  return made;
}

test("an open question keeps a refusal and the findings, and forgets an acceptance when the view is newer", () => {
  const made = states();
  made.update(OPEN, OPEN);
  expect(made.of("i1")).toMatchObject({ answer: { kind: "refused" }, finding: FINDING });
  made.answer("i1", "accepted");
  expect(Object.keys(made.underway.value)).toEqual(["i1"]);
  made.update(OPEN, OPEN);
  expect(made.of("i1").answer.kind).toBe("none");
  expect(made.underway.value).toEqual({});
});

test.each([
  ["gone", GONE],
  ["held", HELD],
])(
  "a question that is %s keeps only the state that late replies and the same question asked again need",
  (_, next) => {
    const made = states();
    made.update(OPEN, next);
    expect(made.of("i1")).toEqual(new QuestionStates().of("i1"));
    made.put("i1", { isTaken: true, isKeptOut: true, isSwitching: true, finding: FINDING });
    made.update(next, next);
    expect(made.of("i1")).toMatchObject({
      isTaken: true,
      isKeptOut: true,
      isSwitching: false,
      finding: null,
    });
  },
);

test("a question that is asked again is open for another answer, and kept out as before", () => {
  const made = states();
  made.put("i1", { isTaken: true, isKeptOut: true });
  made.update(OPEN, GONE);
  made.update(GONE, OPEN);
  expect(made.of("i1")).toMatchObject({ isTaken: false, isKeptOut: true });
});

test("an answer that a person keeps out stays out where the question is asked again before the reply", () => {
  const made = states();
  made.put("i1", { isKeptOut: true });
  made.update(OPEN, GONE);
  made.update(GONE, OPEN);
  expect(made.of("i1")).toMatchObject({ isTaken: false, isKeptOut: true });
});
