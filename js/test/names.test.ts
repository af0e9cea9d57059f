/** The names of a question, and the cutting of texts. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cut } from "../src/cut";
import { fieldNameOf, headingOf, nameOf, SHORT } from "../src/names";
import * as strings from "../src/strings";
import { question } from "./fake";

test("a question that begins with a line break is named by the first line with a text", () => {
  expect(nameOf(question({ prompt: "\n\n  Which file?\nOf the two." }), false)).toBe("Which file?");
});

test.each(["", "\n", " \n\t"])(
  "a question without a text (%j) has a name and a title nevertheless",
  (prompt) => {
    const asked = question({ prompt });
    expect(headingOf(asked)).toBe(strings.question.untitled);
    expect(nameOf(asked, false)).toBe(strings.question.untitled);
    expect(fieldNameOf(asked, false)).not.toBe("");
  },
);

test("an emoji at the cut is left out whole", () => {
  expect(nameOf(question({ prompt: `${"a".repeat(SHORT - 1)}😀 and more` }), false)).toBe(
    `${"a".repeat(SHORT - 1)}…`,
  );
  expect(cut("ab👩\u200d🚀", 5)).toBe("ab👩…");
});

test("a cut text is a start of the text, well formed, and a short text is whole", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, most) => {
      const shown = cut(text, most);
      if (text.length <= most) expect(shown).toBe(text);
      else {
        expect(shown.length).toBeLessThanOrEqual(most + 1);
        expect(text.startsWith(shown.slice(0, -1))).toBe(true);
        expect(/\p{Surrogate}/u.test(shown)).toBe(false);
      }
    }),
  );
});
