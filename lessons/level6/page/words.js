// The page in the reader's language. English stands in the page, and in its scripts with a tag, as in
// say`${count} lines`; Chinese stands here. What is missing is said in English.
"use strict";

const CHINESE = {
  "Live log": "实时日志",
  "This page needs JavaScript.": "本页需要 JavaScript。",
  "Connect now": "立即连接",
  "Lines a second": "每秒行数",
  "Readers": "读者",
  "max {}": "最高 {}",
  "{} in the last minute: {} now, at most {}": "{}，最近一分钟：当前 {}，最高 {}",
  "unknown": "未知",
  "Filter": "过滤",
  "part of a line": "行中的文字",
  "Only stderr": "只看 stderr",
  "Wrap": "自动换行",
  "Save": "保存",
  "Pause": "暂停",
  "Follow": "跟随",
  "times since the log began": "时间从日志开始算起",
  "Lines of the log": "日志内容",

  "No lines yet": "还没有内容",
  "1 line": "1 行",
  "{} lines": "{} 行",
  "1 new line": "1 行",
  "{} new lines": "{} 行",
  "{} of {}": "匹配 {} 行，共 {}",
  "{} · paused, {}": "{} · 已暂停，新增 {}",
  "{} lost": "丢失 {}",
  "The server has begun a new log: what was between the two is unknown.":
    "服务器开始了一份新日志：两份之间发生了什么，无从得知。",

  "Connecting": "正在连接",
  "Connected.": "已连接。",
  "Connected. The numbering began anew.": "已连接，行号已从头开始。",
  "Connection lost. Connecting again": "连接断开，自动重连",
  " in {} s.": "：还有 {} 秒。",
  " …": "……",
  "The log has ended.": "日志已结束。",
  "The log has ended with status {}.": "日志已结束，退出状态 {}。",
  "The server has ended the connection ({}).": "服务器结束了连接（{}）。",
  "What the server sends is no log.": "服务器发来的不是日志。",
  "connection lost": "连接断开",
  "ended": "已结束",
  "no connection": "无连接",
};

// `?lang=zh` in the address, or what the browser asks for.
const language = new URLSearchParams(location.search).get("lang") ?? navigator.language;
const isChinese = /^zh\b/i.test(language);

/** The words of a template, in the reader's language, with its values. */
const say = ({ raw: parts }, ...values) => {
  const english = parts.join("{}");
  return ((isChinese && CHINESE[english]) || english).replace(/\{\}/g, () => values.shift());
};

/** Translates what stands in the page. */
const translate = () => {
  const texts = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const chinese = CHINESE[text.data.trim().replace(/\s+/g, " ")];
    if (chinese) text.data = text.data.replace(/\S(?:.*\S)?/s, chinese).replace(/(?<=[，。])\s+$/, "");
  }
  for (const element of document.querySelectorAll("*")) {
    for (const name of ["aria-label", "placeholder", "title"]) {
      const chinese = CHINESE[element.getAttribute(name)];
      if (chinese) element.setAttribute(name, chinese);
    }
  }
};

if (isChinese) {
  document.documentElement.lang = "zh-CN";
  translate();
}
