// The page a panel is drawn into: nothing inline, nothing from elsewhere, so that the strictest policy fits.

export interface PanelFiles {
  /** Addresses the page may load from. */
  readonly script: string;
  readonly style: string;
  /** Where styles may come from, in the words of a content security policy. */
  readonly source: string;
  /** Fresh for every page; only scripts that carry it run. */
  readonly nonce: string;
  readonly title: string;
}

export function panelHtml({ script, style, source, nonce, title }: PanelFiles): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'; style-src ${source};">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>${title}</title>
</head>
<body>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}
