import { useLayoutEffect, useRef } from "preact/hooks";

/** Whether a condition holds, or did at an earlier drawing: a control must not change while a person writes. */
export function useOnceTrue(now: boolean): boolean {
  const was = useRef(false);
  useLayoutEffect(() => {
    was.current ||= now;
  });
  return was.current || now;
}
