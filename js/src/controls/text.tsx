/** A text: on a single line, on several lines, hidden, or a time. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Offers } from "../offers";
import type { TextControl } from "../protocol";
import * as strings from "../strings";
import { attributes, type ControlProps } from "./base";
import { Masked } from "./masked";
import { useOnceTrue } from "./once-true";
import { TimeView } from "./time";

type Props = ControlProps<TextControl>;

export function TextView(props: Props) {
  const { control, place, node } = props;
  const text = typeof node === "string" ? node : "";
  const tall = useTall(control, text);
  switch (control.format) {
    case "date":
    case "time":
    case "date-time":
      return <TimeView {...props} text={text} format={control.format} />;
    default:
      return control.format === "secret" || props.masked ? (
        <Secret {...props} text={text} />
      ) : (
        <>
          {control.options && (
            <Offers
              options={control.options}
              value={text}
              readOnly={props.readOnly}
              labelledBy={props.labelledBy ?? `${place.id}-name`}
              onPick={(option) => place.change(option)}
            />
          )}
          {tall ? <Tall {...props} text={text} /> : <Line {...props} text={text} />}
          <Length text={text} longest={control.longest} />
        </>
      );
  }
}

type TextProps = Props & { text: string };

/** A single line would drop line breaks; a tall field stays tall, to keep the caret. */
function useTall({ format }: TextControl, text: string): boolean {
  return useOnceTrue(format === "long" || format === "code" || /[\r\n]/.test(text) || text.length > 160);
}

const INPUT_MODES = { email: "email", uri: "url" } as const;

function Line(props: TextProps) {
  const { control, place, text, readOnly } = props;
  const mode = INPUT_MODES[control.format as keyof typeof INPUT_MODES];
  const plain = mode === undefined;
  // Not type="email" or "url": these types remove spaces without notice.
  return (
    <input
      {...attributes(props)}
      class="field"
      type="text"
      dir="auto"
      inputMode={mode}
      autocomplete="off"
      autocapitalize={plain ? undefined : "off"}
      spellcheck={plain}
      readOnly={readOnly}
      value={text}
      onInput={({ currentTarget }) => place.change(currentTarget.value)}
      onPaste={(event) => pasteLines(event, props)}
    />
  );
}

/** A pasted line break makes the field tall. */
function pasteLines(
  event: ClipboardEvent & { currentTarget: HTMLInputElement },
  { place, text, readOnly }: TextProps,
) {
  const pasted = event.clipboardData?.getData("text/plain") ?? "";
  if (readOnly || !/[\r\n]/.test(pasted.trim())) return;
  event.preventDefault();
  const { selectionStart, selectionEnd } = event.currentTarget;
  const lines = pasted.replace(/\r\n?/g, "\n");
  place.focus();
  place.change(text.slice(0, selectionStart ?? 0) + lines + text.slice(selectionEnd ?? text.length));
}

function Tall(props: TextProps) {
  const { control, place, text, readOnly } = props;
  const code = control.format === "code";
  const area = useRef<HTMLTextAreaElement>(null);
  const windows = text.includes("\r\n");
  useLayoutEffect(() => grow(area.current), [text]);
  return (
    <>
      <textarea
        {...attributes(props)}
        ref={area}
        class={code ? "field code" : "field"}
        dir="auto"
        rows={control.format === "plain" ? 1 : 2}
        spellcheck={!code}
        autocomplete="off"
        readOnly={readOnly}
        value={text}
        onInput={({ currentTarget: { value } }) =>
          place.change(windows ? value.replaceAll("\n", "\r\n") : value)
        }
      />
      {control.language && <span class="hint language">{control.language}</span>}
    </>
  );
}

/** For browsers that cannot size a field by the content. */
function grow(area: HTMLTextAreaElement | null): void {
  if (!area || globalThis.CSS?.supports?.("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

function Secret(props: TextProps) {
  const { place, text, readOnly } = props;
  return (
    <div class="joined">
      <Masked
        {...attributes(props)}
        class="field"
        readOnly={readOnly}
        value={text}
        onInput={({ currentTarget }) => place.change(currentTarget.value)}
      />
    </div>
  );
}

/** Shown only near the limit; characters are code points, as Python counts. */
function Length({ text, longest }: { text: string; longest: number | null }) {
  if (longest === null || text.length < longest * 0.8) return null;
  return <p class="hint">{strings.forms.length([...text].length, longest)}</p>;
}
