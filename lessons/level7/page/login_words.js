// What the login says in Chinese. All else is in Level 6's words.
"use strict";

Object.assign(CHINESE, {
  "Token": "令牌",
  "Log in": "登录",
});
if (isChinese) translate();
