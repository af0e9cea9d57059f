import { expect, test } from "vitest";
import { isRaster, targetOf, tellsHost } from "../src/links";

test.each([
  "javascript:alert(1)",
  " java\nscript:alert(1)",
  "JAVASCRIPT:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x",
  "file:///etc/passwd",
  "blob:https://example.com/1",
  "ftp://example.com",
  "/lab/tree",
  "#top",
  "//example.com/x",
  "https://",
  "",
])("%j leads nowhere", (url) => {
  expect(targetOf(url)).toBeNull();
});

test.each([
  ["https://example.com/a?b", "example.com", false],
  ["HTTP://EXAMPLE.com:8080", "example.com:8080", false],
  ["mailto:ann@example.com?subject=x", "ann@example.com", false],
  ["https://\u0430pple.com", "xn--pple-43d.com", true],
  ["https://xn--pple-43d.com/", "xn--pple-43d.com", true],
  ["https://google.com@evil.example/", "evil.example", true],
])("%s leads to %s", (url, host, odd) => {
  expect(targetOf(url)).toMatchObject({ host, odd });
});

test.each([
  ["example.com", "https://example.com/", true],
  ["https://example.com/a", "https://example.com/a", true],
  ["example.com/a", "https://example.com/a", true],
  ["google.com", "https://example.com/", false],
  ["click", "https://example.com/", false],
  ["example.com.evil.example", "https://example.com/", false],
  ["ann@example.com", "mailto:ann@example.com", true],
])("the label %s tells where %s leads: %s", (label, url, expected) => {
  const target = targetOf(url);
  expect(target && tellsHost(label, target)).toBe(expected);
});

test.each([
  ["data:image/png;base64,iVBORw0KGgo=", true],
  ["data:image/jpeg;base64,/9j/", true],
  ["data:image/svg+xml;base64,PHN2Zz4=", false],
  ["data:image/png,<svg>", false],
  ["data:text/html;base64,PGI+", false],
  ["https://example.com/x.png", false],
  ['data:image/png;base64,x" onerror="alert(1)', false],
])("%s is drawn: %s", (src, expected) => {
  expect(isRaster(src)).toBe(expected);
});
