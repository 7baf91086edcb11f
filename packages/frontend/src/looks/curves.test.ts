import { describe, expect, it } from 'vitest';
import { curvesSvg, describeCurves } from './curves.ts';
import { curvesText } from './curvesText.ts';
import { sparkline } from './sparkline.ts';

const history = { loss: [2.3, 0.9, 0.4], accuracy: [0.1, 0.7, 0.9], val_loss: [2, 1, 0.5], lr: [1e-4, 1e-4, 1e-5] };

describe('curves', () => {
  it('draws a line of blocks', () => {
    expect(sparkline([1, 2, 4, 8])).toBe('▁▂▄█');
    expect(sparkline([5, 5])).toBe('▁▁');
    expect(sparkline([1, NaN, 2])).toBe('▁ █');
    expect(sparkline([])).toBe('');
    expect(
      sparkline(
        Array.from({ length: 1000 }, (_, i) => i),
        8,
      ),
    ).toBe('▁▂▃▄▅▆▇█');
  });

  it('puts a metric and its validation side by side', () => {
    expect(curvesText(history)).toBe(
      [
        'loss      █▃▁  2.3000 → 0.4000',
        'val_loss  █▃▁  2.0000 → 0.5000',
        'accuracy  ▁▆█  0.1000 → 0.9000',
        'lr        ██▁  1.0000e-04 → 1.0000e-05',
      ].join('\n'),
    );
  });

  it('draws an image that says what it shows', () => {
    const svg = curvesSvg({ loss: [2, 1], '<b>': [1, NaN] });
    expect(svg).toContain('<title>Curve of loss and &lt;b&gt;</title>');
    expect(svg).toContain('<polyline points="48,24 310,172"');
    expect(svg).not.toContain('NaN');
  });

  it('describes a history in both forms', () => {
    const { text, html } = describeCurves(history);
    expect(text.split('\n')[0]).toBe('History of 3 epochs');
    expect(html.match(/<svg/g)).toHaveLength(3);
    expect(html).toContain('<tr><td>3</td><td>0.4000</td><td>0.5000</td><td>0.9000</td><td>1.0000e-05</td></tr>');
    expect(describeCurves({}).text).toBe('History of 0 epochs');
  });
});
