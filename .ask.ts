// npx tsx ask.ts < file: texts separated by lines of '---'
import { askAll } from '/work/wt-exact/test/property/language/oracle.ts';
import { frontHalf, machine, reasonOf } from '/work/wt-exact/test/unit/reference/translate.ts';
import { readFileSync } from 'node:fs';
const texts = readFileSync(0,'utf8').split(/^---\n/m).filter(t=>t.trim()).map(text=>({text}));
for await (const [input, a] of askAll(texts, 2)) {
  const ours = frontHalf(input.text, machine);
  const we = ours.printed !== undefined;
  const ref = a === 'crashed' ? 'CRASH' : a.ok ? 'ok' : a.stderr.split('\n').filter(l=>l.includes('rror')).join(' | ');
  console.log((a!=='crashed' && a.ok===we ? '   ' : 'XX '), JSON.stringify(input.text.trim().replaceAll('\n',' ; ')).slice(0,200), '=>', ref, '|| ours', reasonOf(ours));
}
