"""The texts of a new project, in English and Korean."""

from __future__ import annotations

MANIFEST = """# yaml-language-server: $schema=flows.schema.json
version: 1
timezone: {zone}
profiles:
  default:
    inputs: {{inbox: inbox}}
"""
IGNORED = "rpa.db*\nartifacts/\nsecrets.enc\nout/\n"
FLOW = """# yaml-language-server: $schema=../flow.schema.json
flow: first_flow
title: {title}
description: {description}

inputs:
  inbox: {{type: folder, default: inbox}}

items: # {c_items}
  from: {{files: "${{inputs.inbox}}/*.txt"}}

steps:
  - id: letter
    name: {read}
    files.read: "${{item.path}}"
  - id: order
    name: {find}
    data.set:
      number: "${{letter | find('{p_number}')}}"
      customer: "${{letter | find('{p_customer}')}}"
      total: "${{letter | find('{p_total}') | money}}"
  - id: entry
    name: {enter}
    writes: # {c_writes}
      what: order
      key: "${{order.number}}"
      done_if:
        - tables.find: {{file: out/orders.csv, where: {{number: "${{order.number}}"}}}}
    tables.append:
      file: out/orders.csv
      row: {{number: "${{order.number}}", customer: "${{order.customer}}", total: "${{order.total}}"}}
    expect:
      - done: "${{true}}"

outputs:
  entered: "${{count(items.succeeded)}}"
"""
TESTS = """# {c_tests}
test: first_flow
cases:
  - name: {case_good}
    files: {{inbox/a.txt: "{letter}"}}
    expect:
      status: succeeded
      outputs: {{entered: 1}}
      files: {{out/orders.csv: [{{number: "7001", customer: "{customer}", total: "80.00"}}]}}
  - name: {case_bad}
    files: {{inbox/a.txt: "{nothing}"}}
    expect:
      status: failed
      failure: value-missing
      files: {{out/orders.csv: null}}
"""
WORDS = {
    "en": {
        "zone": "UTC", "title": "List the orders",
        "description": "Reads every letter of the inbox and enters its order in a list, each once.",
        "c_items": "one business transaction each; the same letter is never done twice",
        "c_writes": "whatever changes the outside world says how to find out whether it already happened",
        "c_tests": "`rpa test` runs these: what comes in, and what must come out. Nothing of yours is touched.",
        "read": "Read the letter", "find": "Find number, customer and total", "enter": "Enter it in the list",
        "p_number": "Order (\\\\d+)", "p_customer": "for (.+)", "p_total": "Total ([0-9.,]+)",
        "case_good": "An order is entered", "case_bad": "A letter without an order is for a person",
        "letter": "Order 7001 for Kim\\nTotal 80.00", "nothing": "Hello!", "customer": "Kim",
    },
    "ko": {
        "zone": "Asia/Seoul", "title": "주문 목록 만들기",
        "description": "inbox의 편지를 모두 읽어 주문을 목록에 한 번씩만 적습니다.",
        "c_items": "하나가 업무 한 건입니다. 같은 편지는 두 번 처리하지 않습니다",
        "c_writes": "바깥을 바꾸는 일은, 이미 되었는지 알아보는 법을 함께 적습니다",
        "c_tests": "`rpa test`가 실행합니다: 무엇이 들어오고 무엇이 나와야 하는지. 실제 파일은 건드리지 않습니다.",
        "read": "편지 읽기", "find": "번호, 고객, 합계 찾기", "enter": "목록에 적기",
        "p_number": "주문 (\\\\d+)", "p_customer": "고객 (.+)", "p_total": "합계 ([0-9.,]+)",
        "case_good": "주문이 목록에 들어간다", "case_bad": "주문이 없는 편지는 사람이 본다",
        "letter": "주문 7001\\n고객 김하나\\n합계 80.00", "nothing": "안녕하세요!", "customer": "김하나",
    },
}
LETTERS = {
    "en": {
        "order-4711.txt": "Order 4711 for Kim & Partner\nTotal 1,250.00\n",
        "order-4712.txt": "Order 4712 for Green Tea Ltd\nTotal 89.90\n",
    },
    "ko": {
        "주문-4711.txt": "주문 4711\n고객 주식회사 한빛\n합계 1,250,000\n",
        "주문-4712.txt": "주문 4712\n고객 초록찻집\n합계 89,900\n",
    },
}
README = {
    "en": """# My automation

This folder is a project. A flow is a text file that says what is to be done, step by step.

| command | what it does |
|---|---|
| `rpa check` | looks for mistakes before anything runs |
| `rpa plan first_flow` | says what would happen |
| `rpa test` | runs the flow's own test cases; nothing of yours is touched |
| `rpa run first_flow` | runs it: the orders of `inbox` are entered in `out/orders.csv`, each once |
| `rpa run first_flow --step` | the same, and asks before each step |
| `rpa show last` | tells what happened |
| `rpa replay --failed` | does again what failed, never a write twice |

- `flows/` holds the flows, `tests/` their test cases, `inbox/` the sample letters.
- `flows.yaml` says when and with which values flows run.
- `rpa new-flow my_flow` starts a flow of your own; `rpa new-flow my_flow --from order_entry` starts from a ready one.
- Editors with a YAML language server complete the names of actions while you type.
""",
    "ko": """# 나의 자동화

이 폴더가 프로젝트입니다. 흐름(flow)은 할 일을 단계별로 적은 글 파일입니다.

| 명령 | 하는 일 |
|---|---|
| `rpa check` | 실행하기 전에 잘못을 찾습니다 |
| `rpa plan first_flow` | 무엇을 하게 될지 보여 줍니다 |
| `rpa test` | 흐름의 테스트 사례를 실행합니다. 실제 파일은 건드리지 않습니다 |
| `rpa run first_flow` | 실행합니다: `inbox`의 주문을 `out/orders.csv`에 한 번씩 적습니다 |
| `rpa run first_flow --step` | 단계마다 물어보며 실행합니다 |
| `rpa show last` | 무슨 일이 있었는지 알려 줍니다 |
| `rpa replay --failed` | 실패한 것을 다시 합니다. 같은 것을 두 번 쓰지 않습니다 |

- `flows/`에는 흐름, `tests/`에는 테스트 사례, `inbox/`에는 예제 편지가 있습니다.
- `flows.yaml`에는 언제, 어떤 값으로 실행할지 적습니다.
- `rpa new-flow 내_흐름`은 새 흐름을, `rpa new-flow 내_흐름 --from order_entry`는 준비된 흐름을 복사해 시작합니다.
- YAML 언어 서버가 있는 편집기는 동작 이름을 자동으로 완성합니다.
""",
}
