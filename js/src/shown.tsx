/**
 * Text without hidden effects: a character that is invisible, or reorders the text around, is shown as a code
 * point.
 *
 * The same characters are ordinary elsewhere: joiners within emoji and in scripts that need joiners,
 * direction marks in right-to-left text. There the characters stay unchanged.
 */
import type { ComponentChildren } from "preact";
import * as strings from "./strings";

/**
 * The classes of characters that decide. `tools/characters.mjs` writes the classes for Python, which shows
 * texts in a terminal: both mark the same characters.
 */
export const CLASSES = {
  /** Ignored when drawn, surrogates, separators of lines and paragraphs, marks of annotations. */
  unseen: String.raw`\p{Default_Ignorable_Code_Point}\p{Cs}\u2028\u2029\uFFF9-\uFFFB`,
  control: String.raw`\p{Cc}`,
  pictograph: String.raw`\p{Extended_Pictographic}`,
  han: String.raw`\p{Script=Han}`,
  mark: String.raw`\p{M}`,
  /** Scripts that need joiners. */
  joining: [
    "Arabic Syriac Mongolian Nko Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala",
    "Khmer Myanmar Tibetan",
  ]
    .join(" ")
    .split(" ")
    .map((script) => String.raw`\p{Script=${script}}`)
    .join(""),
  right_to_left: ["Hebrew", "Arabic", "Syriac", "Thaana", "Nko"]
    .map((script) => String.raw`\p{Script=${script}}`)
    .join(""),
};

const { unseen, control, pictograph, han, mark, joining } = CLASSES;

/** Unseen characters, and control characters but tab and newline. */
const SUSPECT = String.raw`[${unseen}]|(?!\t|\r?\n)[${control}]`;

const TONE = String.raw`[\uFE0E\uFE0F\u{1F3FB}-\u{1F3FF}]?`;

/** Contexts in which such a character is ordinary. */
const ORDINARY = [
  String.raw`\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{3,6}\u{E007F}`, // flags of regions
  String.raw`[${pictograph}]${TONE}(?:\u200D[${pictograph}]${TONE})*`,
  String.raw`[0-9#*]\uFE0F\u20E3`, // keycaps
  String.raw`[${han}][\uFE00-\uFE0F\u{E0100}-\u{E01EF}]`,
  String.raw`(?<=(?![${unseen}])[${joining}][${mark}]*)[\u200C\u200D\u180B-\u180D\u180F]`,
].join("|");

const SUSPECTS = new RegExp(SUSPECT, "u");
const PIECES = new RegExp(`${ORDINARY}|(${SUSPECT})`, "gu");
const RIGHT_TO_LEFT = new RegExp(`(?![${unseen}])[${CLASSES.right_to_left}]`, "u"); // a mark is no letter
const DIRECTION_MARK = /[\u061C\u200E\u200F]/;
const REORDERS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

interface Found {
  index: number;
  character: string;
}

function suspectsIn(text: string): Found[] {
  if (!SUSPECTS.test(text)) return [];
  const marksBelong = RIGHT_TO_LEFT.test(text);
  return [...text.matchAll(PIECES)].flatMap(({ index, 1: character }) =>
    character === undefined || (marksBelong && DIRECTION_MARK.test(character)) ? [] : { index, character },
  );
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function nameOf(character: string): string {
  if (REORDERS.test(character)) return strings.shown.reorders;
  return /\p{Cc}/u.test(character) ? strings.shown.control : strings.shown.invisible;
}

/** The invisible code points in a text, for a place that cannot mark the text itself. */
export function unseenIn(text: string): string[] {
  return [...new Set(suspectsIn(text).map(({ character }) => codePoint(character)))];
}

/** Put a mark in the place of each suspect. */
function replaced<T>(text: string, mark: (character: string) => T): (string | T)[] {
  const parts: (string | T)[] = [];
  let end = 0;
  for (const { index, character } of suspectsIn(text)) {
    if (index > end) parts.push(text.slice(end, index));
    parts.push(mark(character));
    end = index + character.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** For attributes, where nothing but text can stand. */
export function shownText(text: string): string {
  return replaced(text, (character) => `⟨${codePoint(character)}⟩`).join("");
}

export function Shown({ text }: { text: string }): ComponentChildren {
  return replaced(text, (character) => {
    const code = codePoint(character);
    return (
      <span class="codepoint" title={`${code}: ${nameOf(character)}`}>
        ⟨{code}⟩
      </span>
    );
  });
}
