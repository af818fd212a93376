// `cocoscn explain`: one page of the reference.
import { pageText } from '../report/page.ts';
import { explain as pageOf } from '../report/reference.ts';
import { EXIT, type Exit } from './input.ts';
import { print } from './output.ts';

export function explain(name: string): Exit {
  const page = pageOf(name);
  if ('near' in page) {
    const near = page.near.length > 0 ? `; did you mean ${page.near.join(' or ')}?` : '';
    console.error(`cocoscn: nothing is called ${name}${near}`);
    return EXIT.unusable;
  }
  print(pageText(page));
  return EXIT.good;
}
