import { expect, test } from "vitest";
import { Shown, shownText, unseenIn } from "../src/shown";
import { drawn } from "./draw";

test.each([
  ["an override that reverses", "a\u202Eb", "a⟨U+202E⟩b"],
  ["an isolate", "\u2066x\u2069", "⟨U+2066⟩x⟨U+2069⟩"],
  ["a zero width space", "pass\u200Bword", "pass⟨U+200B⟩word"],
  ["a joiner between Latin letters", "a\u200Db", "a⟨U+200D⟩b"],
  ["a soft hyphen", "a\u00ADb", "a⟨U+00AD⟩b"],
  ["a byte order mark", "\uFEFFa", "⟨U+FEFF⟩a"],
  ["tag characters on their own", "a\u{E0041}\u{E0042}", "a⟨U+E0041⟩⟨U+E0042⟩"],
  ["bytes hidden in variation selectors", "a\u{E0100}\u{E0101}", "a⟨U+E0100⟩⟨U+E0101⟩"],
  ["more variation selectors than an emoji has", "❤\uFE0F\uFE01", "❤\uFE0F⟨U+FE01⟩"],
  ["a second joiner in an emoji", "👩\u200D\u200D💻", "👩⟨U+200D⟩⟨U+200D⟩💻"],
  ["a filler that looks like a space", "a\u3164b", "a⟨U+3164⟩b"],
  ["control characters", "a\u0000\u001B[31m\u0085", "a⟨U+0000⟩⟨U+001B⟩[31m⟨U+0085⟩"],
  ["a return that overwrites", "safe\rrm", "safe⟨U+000D⟩rm"],
  ["a line end that is none", "a\u2028b", "a⟨U+2028⟩b"],
  ["half a character", "a\uD83Db", "a⟨U+D83D⟩b"],
  ["a direction mark in Latin text", "a\u200Fb", "a⟨U+200F⟩b"],
  ["the Arabic one, too, which is no letter", "a\u061Cb", "a⟨U+061C⟩b"],
  ["a joiner after a selector that is no letter", "\u180B\u200D", "⟨U+180B⟩⟨U+200D⟩"],
])("%s is marked", (_, text, expected) => {
  expect(shownText(text)).toBe(expected);
  const { mount, all } = drawn(<Shown text={text} />);
  expect(mount.textContent).toBe(expected);
  expect(all(".codepoint").every(({ title }) => title.startsWith("U+"))).toBe(true);
  expect(unseenIn(text)).not.toEqual([]);
});

test.each([
  ["Latin with tabs and lines", "a\tb\r\nc\n"],
  ["Hebrew", "שלום עולם 123"],
  ["Arabic with direction marks", "مرحبا\u200F (abc)\u200E"],
  ["Persian with a non-joiner", "می\u200Cخواهم"],
  ["Hindi with a joiner", "क्\u200Dष"],
  ["a family", "👨\u200D👩\u200D👧\u200D👦"],
  ["skin tones and professions", "👩🏽\u200D💻 🏳\uFE0F\u200D🌈 ❤\uFE0F\u200D🔥"],
  ["keycaps", "1\uFE0F\u20E3 #\uFE0F\u20E3"],
  ["the flag of Scotland", "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}"],
  ["flags of two letters", "🇩🇪"],
  ["a Japanese variant", "葛\u{E0100}"],
  ["accents that combine", "e\u0301"],
])("%s stays as it is", (_, text) => {
  expect(shownText(text)).toBe(text);
  expect(unseenIn(text)).toEqual([]);
});

test("a marked character is never in the page itself, between any neighbours", () => {
  const suspects = ["\u202E", "\u2066", "\u200B", "\u0000", "\uFEFF", "\u{E0041}", "\uDC00"];
  const others = ["a", "א", "👩", " ", "\u200D", "क", "葛", "<b>", "🏴"];
  for (const suspect of suspects)
    for (const before of others)
      for (const after of others) {
        const shown = shownText(before + suspect + after);
        expect(shown).not.toContain(suspect);
        expect(shown).toContain("⟨U+");
      }
});

test("a long text without hidden characters is not split", () => {
  expect(drawn(<Shown text={"word ".repeat(50_000)} />).mount.childNodes).toHaveLength(1);
});
