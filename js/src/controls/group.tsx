/** An object: the members in order. An optional member is empty until filled in, or has a button. */
import { useLayoutEffect, useState } from "preact/hooks";
import { isEmpty, isObject, type JsonObject, parse, without } from "../json";
import type { GroupControl, Member } from "../protocol";
import { Shown } from "../shown";
import * as strings from "../strings";
import { type ControlProps, groupAttributes } from "./base";
import { Add, Tool } from "./buttons";
import { FlawLines, messagesOf } from "./flaws";
import { Labelled, Required } from "./labelled";
import { Others } from "./others";
import type { Place } from "./place";
import { isLeaf, isSimple } from "./shape";

type Props = ControlProps<GroupControl>;

export function GroupView(props: Props) {
  const { control, place, node, flaws } = props;
  const { members } = control;
  const object: JsonObject = isObject(node) ? node : new Map();
  const drawn = useSlices(members.length);
  const order = members.map(({ name }) => name);
  const isDrawn = (member: Member) => object.has(member.name) || isAlwaysDrawn(place, member);
  const inner = new Set([...members.filter(isDrawn).map(({ name }) => name), ...object.keys()]);
  return (
    <div {...groupAttributes(props)} class={members.length > SLICE ? "members many" : "members"}>
      <FlawLines place={place} messages={messagesOf(flaws, inner)} />
      {members.slice(0, drawn).map((member) => {
        const Row = isDrawn(member) ? MemberRow : MissingRow;
        return <Row key={member.name} {...props} {...{ member, object, order }} />;
      })}
      <Others {...props} object={object} />
    </div>
  );
}

function isAlwaysDrawn({ form }: Place, { required, control }: Member): boolean {
  return isSimple(form, control) || (required && isLeaf(form, control));
}

type RowProps = Props & { member: Member; object: JsonObject; order: readonly string[] };

function MemberRow({ place: group, member, object, order, flaws, readOnly, masked }: RowProps) {
  const { name, label, required, control } = member;
  const place = group.child(name);
  const simple = isSimple(group.form, control);
  const wasMissing = !required && simple && isMissingAtFirst(group, member);
  // A choice is not cleared: each option is an answer.
  const clears = wasMissing && group.form.resolve(control).kind !== "choice";
  useLayoutEffect(() => {
    place.slot = { order, empty: clears ? "left out" : "kept" };
  });
  const isLeftOut = !(required || wasMissing || object.has(name));
  const remove = () => {
    group.focus(simple ? place.id : addId(place));
    group.change(without(object, name));
  };
  return (
    <Labelled
      control={control}
      place={place}
      node={object.get(name)}
      flaws={flaws?.below.get(name)}
      readOnly={readOnly}
      masked={masked}
      label={label}
      hint={isLeftOut ? [strings.forms.leftOut, member.hint].filter(Boolean).join(" ") : member.hint}
      required={required}
      late={!required}
      tools={
        !required &&
        object.has(name) && (
          <Tool name={strings.forms.remove(label)} off={readOnly} onClick={remove}>
            ✕
          </Tool>
        )
      }
    />
  );
}

/** Whether a member is empty at first: absent in the original or, in an added item, without a start value. */
function isMissingAtFirst({ form, path }: Place, { name, start }: Member): boolean {
  const first = form.original(path);
  return isObject(first) ? !first.has(name) : isEmpty(parse(start));
}

function addId(place: Place): string {
  return `${place.id}-add`;
}

function MissingRow({
  place: group,
  member: { name, label, hint, required, start },
  order,
  readOnly,
}: RowProps) {
  const place = group.child(name);
  const add = () => {
    place.slot = { order, empty: "kept" };
    place.focus();
    place.change(parse(start), false);
  };
  return (
    <div class="member missing">
      <Add id={addId(place)} off={readOnly} title={hint || undefined} onClick={add}>
        <span class="unseen">{strings.forms.add} </span>
        <Shown text={label} />
        {required && <Required />}
      </Add>
    </div>
  );
}

/** Members drawn at once; the rest follows, slice by slice, between two drawings of the page. */
const SLICE = 40;

export function useSlices(count: number): number {
  const [drawn, draw] = useState(SLICE);
  useLayoutEffect(() => {
    if (drawn >= count) return;
    const frame = requestAnimationFrame(() => draw(drawn + SLICE));
    return () => cancelAnimationFrame(frame);
  }, [drawn, count]);
  return drawn;
}
