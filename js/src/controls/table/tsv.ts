/**
 * Cells as a spreadsheet copies them: tabs and line ends between cells, quotes around a cell that contains
 * either.
 */

export function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r\n?|\n|$)/y;
  while (cell.lastIndex < text.length) {
    const [found = "", quoted, plain = "", end] = cell.exec(text) ?? [];
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\t" && cell.lastIndex === text.length) rows.at(-1)?.push("");
    if (end !== "\t" && end !== "" && cell.lastIndex < text.length) rows.push([]);
    if (found === "") break;
  }
  return rows.filter((row) => row.length > 0);
}
