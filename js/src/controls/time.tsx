/**
 * A date, a time, or both.
 *
 * The control of the browser shows hours and minutes, and seconds unless 0; the rest of the text (fractions
 * of a second, an offset) is in a field beside the control. A text that is not a time is edited as text.
 */
import type { TextControl } from "../protocol";
import * as strings from "../strings";
import { attributes, type ControlProps } from "./base";
import { useOnceTrue } from "./once-true";

type Format = "date" | "time" | "date-time";

const TYPES = { date: "date", time: "time", "date-time": "datetime-local" } as const;
const DATE = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?`;
const PATTERNS: Record<Format, RegExp> = {
  date: new RegExp(`^(${DATE})()$`),
  time: new RegExp(`^(${TIME})(.*)$`),
  "date-time": new RegExp(`^(${DATE}T${TIME})(.*)$`),
};

interface Parts {
  head: string;
  tail: string;
}

/** `null` where the browser's control would not give the text back. */
export function partsOf(text: string, format: Format): Parts | null {
  if (text === "") return { head: "", tail: "" };
  const [, head, tail] = PATTERNS[format].exec(text) ?? [];
  return head !== undefined && tail !== undefined && isInCalendar(head) ? { head, tail } : null;
}

/** The 31st of February: a browser's control would be empty. */
function isInCalendar(head: string): boolean {
  const day = head.match(/^\d{4}-\d\d-(\d\d)/)?.[1];
  return day === undefined || new Date(`${head.slice(0, 10)}T00:00Z`).getUTCDate() === Number(day);
}

/** The control omits seconds of 0; the text keeps the former form. */
export function withSeconds(head: string, before: string): string {
  const had = before === "" || /\d\d:\d\d:\d\d$/.test(before);
  return had && /T?\d\d:\d\d$/.test(head) && !/\d\d:\d\d:\d\d$/.test(head) ? `${head}:00` : head;
}

export function TimeView(props: ControlProps<TextControl> & { text: string; format: Format }) {
  const { place, text, format, readOnly } = props;
  const parts = partsOf(text, format);
  const asText = useOnceTrue(parts === null);
  const shared = { ...attributes(props), readOnly, class: "field" };
  if (asText || !parts)
    return (
      <input
        {...shared}
        type="text"
        autocomplete="off"
        value={text}
        placeholder={strings.forms.times[format]}
        onInput={({ currentTarget: { value } }) => place.change(value)}
      />
    );
  const { head, tail } = parts;
  const change = (value: string) => {
    const next = format === "date" ? value : withSeconds(value, head);
    place.change(next === "" ? "" : next + tail);
  };
  return (
    <div class="joined time">
      <input
        {...shared}
        type={TYPES[format]}
        step={/\d\d:\d\d:\d\d$/.test(head) ? 1 : undefined}
        value={head}
        onInput={({ currentTarget: { value } }) => change(value)}
      />
      {(format === "date-time" || tail !== "") && (
        <input
          class="field tail"
          type="text"
          dir="ltr"
          autocomplete="off"
          aria-label={strings.forms.offset}
          title={strings.forms.offset}
          placeholder={strings.forms.noOffset}
          readOnly={readOnly || head === ""}
          value={tail}
          onInput={({ currentTarget: { value } }) => place.change(head + value)}
        />
      )}
    </div>
  );
}
