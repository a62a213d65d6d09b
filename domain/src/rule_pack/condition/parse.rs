//! Reads the text of a condition. Grammar, loosest first:
//! `any := all ("or" all)*`, `all := atom ("and" atom)*`, `atom := "not" atom | "(" any ")" | field op literal |
//! field "in" "[" literal ("," literal)* "]"`, `op := == != < <= > >=`, `literal := "text" | number`.

use super::{ConditionError, Expression, Literal, Operator, Value, Word, ten_thousandths};

/// Parentheses and `not` deeper than this are refused, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 32;

pub(super) fn parse(text: &str) -> Result<Expression, ConditionError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let expression = reader.any()?;
    reader.skip_space();
    if reader.at < text.len() {
        return Err(reader.error(
            "此处多出内容，请用 and 或 or 连接",
            "something is left over here; join parts with `and` or `or`",
        ));
    }
    Ok(expression)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn error(&self, zh: &str, en: &str) -> ConditionError {
        let rest: String = self.text[self.at..].chars().take(12).collect();
        let (zh_at, en_at) = if rest.is_empty() {
            ("条件末尾".to_owned(), "at the end of the condition".to_owned())
        } else {
            (format!("条件的“{rest}”处"), format!("at `{rest}`"))
        };
        ConditionError {
            offset: self.at,
            zh: format!("{zh_at}：{zh}。例：has_valuation == \"yes\"。"),
            en: format!("{en_at}: {en}. Example: has_valuation == \"yes\"."),
        }
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, symbol: &str) -> bool {
        self.skip_space();
        let found = self.text[self.at..].starts_with(symbol);
        if found {
            self.at += symbol.len();
        }
        found
    }

    fn peek_word(&mut self) -> &str {
        self.skip_space();
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        &rest[..end]
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.peek_word() == word;
        if found {
            self.at += word.len();
        }
        found
    }

    fn any(&mut self) -> Result<Expression, ConditionError> {
        let mut parts = vec![self.all()?];
        while self.eat_word("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self) -> Result<Expression, ConditionError> {
        let mut parts = vec![self.atom()?];
        while self.eat_word("and") {
            parts.push(self.atom()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn atom(&mut self) -> Result<Expression, ConditionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("嵌套过深，请拆分条件", "nested too deeply; split the condition"));
        }
        let expression = if self.eat_word("not") {
            Expression::Not(Box::new(self.atom()?))
        } else if self.eat("(") {
            let inner = self.any()?;
            if !self.eat(")") {
                return Err(self.error("缺少右括号", "a closing parenthesis is missing"));
            }
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn comparison(&mut self) -> Result<Expression, ConditionError> {
        let name = self.peek_word().to_owned();
        let reserved = matches!(name.as_str(), "and" | "or" | "in" | "not");
        if name.is_empty() || reserved || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.error("此处应为字段标识", "a field id is expected"));
        }
        let field = Word { offset: self.at, name };
        self.at += field.name.len();
        if self.eat_word("in") {
            return Ok(Expression::OneOf { field, literals: self.list()? });
        }
        let operators = [
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (symbol, operator) in operators {
            if self.eat(symbol) {
                return Ok(Expression::Compare { field, operator, literal: self.literal()? });
            }
        }
        Err(self.error(
            "字段后应为 ==、!=、<、<=、>、>= 或 in",
            "after the field comes ==, !=, <, <=, >, >= or in",
        ))
    }

    fn list(&mut self) -> Result<Vec<Literal>, ConditionError> {
        if !self.eat("[") {
            return Err(self.error("in 后应为方括号列表", "`in` is followed by a list in square brackets"));
        }
        let mut literals = vec![self.literal()?];
        while self.eat(",") {
            literals.push(self.literal()?);
        }
        if !self.eat("]") {
            return Err(self.error("缺少右方括号", "a closing square bracket is missing"));
        }
        Ok(literals)
    }

    fn literal(&mut self) -> Result<Literal, ConditionError> {
        self.skip_space();
        let offset = self.at;
        let rest = &self.text[self.at..];
        if let Some(after) = rest.strip_prefix('"') {
            let Some(end) = after.find('"') else {
                return Err(self.error("引号没有成对", "the quotation mark is not closed"));
            };
            self.at += end + 2;
            return Ok(Literal { value: Value::Text(after[..end].to_owned()), offset });
        }
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(rest.len());
        match ten_thousandths(&rest[..end]) {
            Some(number) => {
                self.at += end;
                Ok(Literal { value: Value::Number(number), offset })
            }
            None => Err(self.error(
                "此处应为带双引号的文字或最多四位小数的数字",
                "a quoted text or a number with at most four decimals is expected",
            )),
        }
    }
}
