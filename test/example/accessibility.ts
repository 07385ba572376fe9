/**
 * What can be checked of a page by rule, in a real browser: WCAG 2.2's success criteria are named where a rule is one.
 * The functions that run in the page see it through an element, since this project is not typed for browsers.
 */
import type { Page } from 'playwright-core'

/** Every violation as a sentence; none of a good page. */
export async function violationsOn(page: Page): Promise<readonly string[]> {
  return [...(await structureOf(page)), ...(await treeOf(page)), ...(await contrastsOn(page))]
}

/** 1.3.1, 2.4.1, 2.4.2, 2.4.6, 3.1.1: language, title, landmarks, headings, labels that lead somewhere. */
const structureOf = (page: Page): Promise<readonly string[]> =>
  page.locator('html').evaluate((root) => {
    const all = (selector: string) => [...root.querySelectorAll(selector)]
    const ids = all('[id]').map(({ id }) => id)
    const levels = all('h1,h2,h3,h4,h5,h6').map(({ tagName }) => Number(tagName.slice(1)))
    const rules: readonly (readonly [string, boolean])[] = [
      ['the page says no language', root.lang === 'en'],
      ['the page has no title', root.ownerDocument.title.length > 0],
      ['there is not one h1', all('h1').length === 1],
      ['a level of headings is skipped', levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1)],
      ['there is not one header, main and footer', ['header', 'main', 'footer'].every((tag) => all(tag).length === 1)],
      ['an id is there twice', new Set(ids).size === ids.length],
      [
        'a reference leads nowhere',
        all('[aria-labelledby]').every((element) => ids.includes(element.getAttribute('aria-labelledby') ?? '')) &&
          all('label[for]').every((element) => ids.includes(element.getAttribute('for') ?? '')),
      ],
      ['a header of a table has no scope', all('th').every((element) => element.hasAttribute('scope'))],
      ['an image has no alternative', all('img').every((element) => element.hasAttribute('alt'))],
      [
        'an order of tabs is forced',
        all('[tabindex]').every((element) => Number(element.getAttribute('tabindex')) <= 0),
      ],
      ['the first link does not skip to the content', all('a')[0]?.getAttribute('href') === '#main'],
      ['there is a script', all('script').length === 0],
      ['there is a style of an element', all('[style]').length === 0],
    ]
    return rules.filter(([, holds]) => !holds).map(([problem]) => problem)
  })

type Node = { readonly ignored: boolean; readonly role?: { value?: unknown }; readonly name?: { value?: unknown } }

const LANDMARKS = ['banner', 'main', 'contentinfo']
const NAMED = ['link', 'button', 'textbox', 'checkbox', 'combobox', 'region', 'image']

/** 4.1.2: what Chromium tells a screen reader: the landmarks are there, and whatever can be used has a name. */
async function treeOf(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page)
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as { readonly nodes: readonly Node[] }
  await session.detach()
  const seen = nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => [role?.value, name?.value] as const)
  return [
    ...LANDMARKS.filter((landmark) => !seen.some(([role]) => role === landmark)).map((role) => `there is no ${role}`),
    ...seen.filter(([role, name]) => NAMED.includes(String(role)) && !name).map(([role]) => `a ${role} has no name`),
  ]
}

/** 1.4.3: at least 4.5:1 for every text, by the colours that the browser computed. */
const contrastsOn = (page: Page): Promise<readonly string[]> =>
  page.locator('html').evaluate((root) => {
    const view = root.ownerDocument.defaultView
    const partsOf = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number)
    const luminanceOf = (colour: string): number => {
      const [red = 0, green = 0, blue = 0] = partsOf(colour).map((part) => {
        const share = part / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    // biome-ignore lint/suspicious/noExplicitAny: an element of the page
    const groundOf = (element: any): string => {
      const colour = view.getComputedStyle(element).backgroundColor
      const isThrough = partsOf(colour)[3] === 0
      return isThrough && element.parentElement !== null ? groundOf(element.parentElement) : colour
    }
    const problems: string[] = []
    for (const element of root.querySelectorAll('body *')) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
      if (!own) continue
      const [text, ground] = [luminanceOf(view.getComputedStyle(element).color), luminanceOf(groundOf(element))]
      const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
      if (ratio < 4.5) problems.push(`${element.textContent.trim().slice(0, 40)}: a contrast of ${ratio.toFixed(2)}`)
    }
    return problems
  })

/** Where the keyboard gets to from the top of the page, by names, until it has been everywhere. 2.4.7: each is seen to be there. */
export async function tabOrderOf(page: Page): Promise<readonly string[]> {
  const names: string[] = []
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press('Tab')
    const { name, outline } = await page.locator('html').evaluate((root) => {
      const element = root.ownerDocument.activeElement
      const style = root.ownerDocument.defaultView.getComputedStyle(element)
      const label = element.labels?.[0]?.textContent ?? element.getAttribute('aria-labelledby') ?? element.textContent
      return { name: element === root.ownerDocument.body ? '' : label.trim(), outline: style.outlineStyle }
    })
    if (name === '' || names[0] === name) return names
    names.push(outline === 'none' ? `${name} (not seen)` : name)
  }
  return names
}
