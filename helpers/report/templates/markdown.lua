-- What pandoc reads is text of data, templates and authors: links lead to this page or to the web, pictures
-- become their descriptions, formulas get the alternative text that PDF/UA asks for.
local typst = FORMAT == "typst"

-- Chinese has no space between sentences: a line break, or a space after full-width punctuation, is none.
local function sign(inline, at)
  local text = inline and pandoc.utils.stringify(inline) or ""
  return text == "" and 0 or utf8.codepoint(text, utf8.offset(text, at))
end

local function between(list)
  local kept = pandoc.Inlines {}
  for i, inline in ipairs(list) do
    local before, after = sign(list[i - 1], -1), sign(list[i + 1], 1)
    local stop = (before >= 0x3000 and before <= 0x303f) or (before >= 0xff00 and before <= 0xffef)
    local gap = inline.t == "SoftBreak" or inline.t == "Space"
    local joined = stop or (inline.t == "SoftBreak" and before >= 0x2e80 and after >= 0x2e80)
    if not (gap and joined) then kept:insert(inline) end
  end
  return kept
end

local function quoted(text)
  return '"' .. text:gsub("[\\\"]", "\\%0"):gsub("%s+", " ") .. '"'
end

local function Image(image)
  return image.caption
end

local function Link(link)
  local target = link.target
  link.attr, link.title = pandoc.Attr(), ""
  if target:match("^https?://[^%s<>\"]+$") then
    if not typst then link.attributes.rel = "noreferrer" end
    return link
  end
  local anchor = target:match("^#([%w_.-]+)$")
  if not anchor then return link.content end
  if not typst then return link end
  local shown = pandoc.Inlines { pandoc.RawInline("typst", "#to(" .. quoted(anchor) .. ")[") }
  shown:extend(link.content)
  shown:insert(pandoc.RawInline("typst", "];"))
  return shown
end

local function Math(math)
  if not math.text:match("%S") then return pandoc.Str("$" .. math.text .. "$") end
  if not typst then return nil end
  local text = pandoc.write(pandoc.Pandoc { pandoc.Plain { math } }, "typst"):gsub("%s+$", "")
  local inner = text:match("^%$(.*)%$$")
  if not inner then return pandoc.Code(math.text) end -- TeX that pandoc does not know
  local block = math.mathtype == "DisplayMath" and "true" or "false"
  local call = "#math.equation(alt: " .. quoted(math.text) .. ", block: " .. block .. ", $" .. inner .. "$);"
  return pandoc.RawInline("typst", call)
end

local function Header(header)
  if #header.content == 0 then return pandoc.Para { pandoc.Str(string.rep("#", header.level)) } end
  return pandoc.Header(typst and 2 or 3, header.content) -- no attributes; below a question's own heading
end

-- On a narrow screen a wide table is scrolled, not the page.
local function Table(found)
  if typst then return nil end
  return pandoc.Div({ found }, pandoc.Attr("", { "scroll" }, { tabindex = "0" }))
end

-- The line that announces a table stays on its page.
local function Blocks(list)
  if not typst then return nil end
  local kept = pandoc.Blocks {}
  for i, block in ipairs(list) do
    local after = list[i + 1]
    local announces = block.t == "Para" and after and after.t == "Table"
    if announces then kept:insert(pandoc.RawBlock("typst", "#block(sticky: true)[")) end
    kept:insert(block)
    if announces then kept:insert(pandoc.RawBlock("typst", "]")) end
  end
  return kept
end

return { { Inlines = between }, { Image = Image, Link = Link, Math = Math, Header = Header, Table = Table, Blocks = Blocks } }
