// Writes a filing pack of another invented company, with other wording, layouts and file names than the fixtures, and its truth file: a
// check that the rules are general. node measure/third-pack.mjs FOLDER, then make time-to-file PACK=FOLDER TRUTH=FOLDER.truth.json.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium } from '@playwright/test';

const folder = process.argv[2];
if (!folder) throw new Error('which folder?');
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
/** A credit code with a right check digit (GB 32100). */
const code = (seventeen) => {
  const sum = [...seventeen].reduce((total, c, at) => total + ALPHABET.indexOf(c) * Number(3n ** BigInt(at) % 31n), 0);
  return seventeen + ALPHABET[(31 - (sum % 31)) % 31];
};
const company = '盐城沐恒生物科技股份有限公司';
const own = code('91320900MA20TESTW'.replace('S', '5'));
const sponsor = '苏州砚桥证券咨询股份有限公司';
const sponsorCode = code('91320500MA20TE5TX');
const auditor = '南通衡瀚会计师事务所（普通合伙）';
const lawyers = '江苏言澍律师事务所';
const head = ['苗远舟', '方砚秋', '谷怀瑾', '辛以墨', '穆青岚'];
const p = (...lines) => lines.map((line) => `<p>${line}</p>`).join('');
const table = (rows) => `<table>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</table>`;
const page = (title, body) => `<section><h1>${title}</h1>${body}</section>`;

/** Path, slot, pages. */
const FILES = [
  ['A类/关于进入江苏示例股权交易中心挂牌的申请.pdf', 'application_letter', page('关于股份进场挂牌的申请', p('江苏示例股权交易中心有限责任公司：', `${company}（统一社会信用代码：${own}，下称“本公司”）申请股份在贵中心成长板挂牌，申请层级为培育层。`, '本公司成立于2017年5月16日，2021年9月8日整体变更为股份有限公司；注册资本4200万元，股份总数4200万股；法定代表人苗远舟，实际控制人苗远舟。', '所属行业：C27医药制造业。主营业务：酶制剂与诊断原料的研发和销售。', `推荐机构为${sponsor}，审计机构为${auditor}，法律顾问为${lawyers}。`, '联系人：穆青岚　联系电话：0515-00000000', '特此申请。', `申请人：${company}`, '2026年10月12日'))],
  ['A类/证券简称.pdf', 'short_name_code_request', page('股权简称、股权代码申请表', table([['企业名称', company], ['拟用股权简称', '沐恒生物'], ['备选简称', '沐恒科技'], ['申请日期', '2026年10月12日']]))],
  ['A类/公司介绍.pdf', 'company_overview', page('企业基本情况说明书', p(company, '一、企业概况') + table([['公司名称', company], ['统一社会信用代码', own], ['股权简称', '沐恒生物'], ['注册资本', '4,200万元'], ['法定代表人', '苗远舟'], ['成立日期', '2017年5月16日'], ['住所', '江苏省盐城市盐都区示例路66号']]) + p('二、主要财务数据（单位：万元）') + table([['项目', '2025年度'], ['资产总计', '9,120.40'], ['负债合计', '3,010.15'], ['所有者权益合计', '6,110.25'], ['营业收入', '8,555.50'], ['净利润', '905.30']]) + p('2026年10月'))],
  ['A类/股东大会.pdf', 'shareholder_resolution', page('二〇二六年第二次临时股东大会会议决议', p(`${company}于2026年9月25日在公司会议室召开2026年第二次临时股东大会，会议通知已于2026年9月8日发出。`, '出席会议的股东所持表决权占公司表决权总数的100%。会议审议并通过《关于公司股份在区域性股权市场挂牌的议案》，表决结果：同意100%，反对0，弃权0。', '出席股东签字：苗远舟、方砚秋、盐城沐源企业管理合伙企业（有限合伙）', '2026年9月25日'))],
  ['A类/承诺.pdf', 'commitment_company', page('承诺函', p('江苏示例股权交易中心有限责任公司：', '本公司郑重承诺：所提交的挂牌申请材料真实、准确、完整，不存在虚假记载、误导性陈述或者重大遗漏，并承担相应法律责任。', `承诺人：${company}（盖章）`, '2026年10月12日'))],
  ['券商/推荐函.pdf', 'recommendation_opinion', page(`${sponsor}关于推荐${company}挂牌的推荐意见`, p(`经本机构内核，同意推荐${company}在江苏示例股权交易中心挂牌。`, `审计机构：${auditor}，审计意见为标准无保留意见。`, sponsor, '2026年10月10日'))],
  ['券商/自律.pdf', 'sponsor_self_discipline', page('推荐机构自律声明', p(`${sponsor}作为${company}的推荐机构声明：本机构及项目组成员遵守自律规则，不买卖该企业股份，不谋取不正当利益。`, '项目组成员：柏一川、简书宁', `声明人：${sponsor}`, '2026年10月10日'))],
  ['券商/我方承诺.pdf', 'sponsor_commitment', page('推荐机构承诺书', p(`本机构（${sponsor}，统一社会信用代码${sponsorCode}）承诺：对${company}的申请文件进行了核查，保证推荐材料真实、准确、完整，愿意承担推荐责任。`, `承诺机构：${sponsor}`, '2026年10月10日'))],
  ['券商/DD.pdf', 'due_diligence_report', page(`关于${company}的尽职调查报告`, p(sponsor, '目录', '一、企业基本情况', `企业名称：${company}；统一社会信用代码：${own}；注册资本：4200万元；法定代表人：苗远舟。`, '二、尽职调查方法与过程', '三、尽职调查结论', '2026年10月9日'))],
  ['券商/签约.pdf', 'recommendation_agreement', page('推荐挂牌服务协议', p(`甲方（委托方）：${company}`, `统一社会信用代码：${own}`, `乙方（推荐机构）：${sponsor}`, `统一社会信用代码：${sponsorCode}`, '甲方委托乙方担任其进入区域性股权市场挂牌的推荐机构，双方约定如下：', '第一条 推荐服务的内容', '第二条 费用及支付', '甲方（盖章）　乙方（盖章）', '签订日期：2026年3月2日'))],
  ['股权/股东表.pdf', 'shareholder_register', page('股东名册', p(`企业名称：${company}`, '截至日期：2026年9月30日') + table([['序号', '股东名称', '证件号码', '持股数量（股）', '持股比例'], ['1', '苗远舟', '320900198003070078', '25200000', '60.00%'], ['2', '方砚秋', '320900198205120066', '10500000', '25.00%'], ['3', '盐城沐源企业管理合伙企业（有限合伙）', code('91320900MA20TE5TY'), '6300000', '15.00%'], ['合计', '', '', '42000000', '100.00%']]))],
  ['股权/托管.pdf', 'custody_agreement', page('股权登记托管服务协议', p(`甲方：${company}`, '乙方：江苏示例股权托管登记有限公司', '乙方为甲方提供股权的初始登记、变更登记和集中托管服务。', '签署日期：2026年9月28日'))],
  ['法人/法人.pdf', 'legal_rep_id', page('法定代表人身份证明书', p('苗远舟同志，身份证号码320900198003070078，现任我公司董事长，系我公司法定代表人。', '特此证明。', `${company}（盖章）`, '2026年10月12日'))],
  ['法人/委托.pdf', 'agent_id_authorization', page('授权委托书', p(`委托人：${company}`, '受托人（经办人）：穆青岚，身份证号码：320900198811230044', '现授权受托人办理本公司挂牌申请的提交、补正、领取文书等事宜。', '2026年10月12日'))],
  ['法人/各董事.pdf', 'directors_commitment', page('全体董事关于申请文件真实性、准确性、完整性的承诺书', p(`${company}全体董事承诺：申请文件不存在虚假记载、误导性陈述或者重大遗漏，并对其真实性、准确性、完整性承担连带责任。`, `全体董事签字：${head.join('　')}`, '2026年10月12日'))],
  ['法人/与中心签.pdf', 'listing_agreement', page('挂牌协议书', p('甲方：江苏示例股权交易中心有限责任公司', `乙方：${company}`, '乙方申请其股份在甲方挂牌，双方就挂牌期间的权利义务达成如下协议。', '甲方（盖章）　乙方（盖章）', '2026年10月12日'))],
  ['证照/YYZZ.pdf', 'business_licence', page('营业执照', p('（副本）', `统一社会信用代码 ${own}`) + table([['名称', company], ['类型', '股份有限公司（非上市、自然人投资或控股）'], ['法定代表人', '苗远舟'], ['注册资本', '4200万元整'], ['成立日期', '2017年05月16日'], ['住所', '江苏省盐城市盐都区示例路66号'], ['经营范围', '酶制剂、诊断试剂原料的研发、销售']]) + p('登记机关：盐城市市场监督管理局', '2024年3月6日'))],
  ['证照/章程2021.pdf', 'articles_of_association', page(`${company}章程`, p('第一章 总则', '第一条 为维护公司、股东和债权人的合法权益，制定本章程。', `第二条 公司名称：${company}。`, '第三条 公司住所：江苏省盐城市盐都区示例路66号。', '第四条 公司注册资本为人民币3600万元。', '第二章 股份', '第五条 公司的股份总数为3600万股。', '2021年9月8日'))],
  ['证照/ISO等.pdf', 'qualification_certificates', page('高新技术企业证书', p(`企业名称：${company}`, '证书编号：GR202532000888', '发证时间：2025年11月18日', '有效期：三年'))],
  ['第三方/审字报告.pdf', 'audit_report', page('审 计 报 告', p('衡瀚审字（2026）第066号', '报告编码：苏26HH00T7Q2', `${company}全体股东：`, `一、审计意见`, `我们审计了${company}的财务报表，包括2025年12月31日的资产负债表，2025年度的利润表、现金流量表以及财务报表附注。`, '我们认为，后附的财务报表在所有重大方面按照企业会计准则的规定编制，公允反映了公司2025年12月31日的财务状况以及2025年度的经营成果和现金流量。', auditor, '中国注册会计师：厉见山', '中国注册会计师：左知微', '2026年3月20日')) + page('资产负债表', p(`编制单位：${company}　2025年12月31日　单位：元`) + table([['项目', '期末余额'], ['流动资产合计', '50,104,000.00'], ['非流动资产合计', '41,100,000.00'], ['资产总计', '91,204,000.00'], ['负债合计', '30,101,500.00'], ['股本', '42,000,000.00'], ['所有者权益合计', '61,102,500.00'], ['负债和所有者权益总计', '91,204,000.00']])) + page('利润表', p(`编制单位：${company}　2025年度　单位：元`) + table([['项目', '本期金额'], ['一、营业收入', '75,555,000.00'], ['减：营业成本', '51,000,000.00'], ['四、净利润', '9,053,000.00']])) + page('现金流量表', p(`编制单位：${company}　2025年度　单位：元`) + table([['项目', '本期金额'], ['经营活动产生的现金流量净额', '7,020,000.00']]))],
  ['第三方/律所.pdf', 'legal_opinion', page(`${lawyers}关于${company}股份挂牌之法律意见书`, p('言澍意字（2026）第088号', `致：${company}`, '本所接受公司委托，指派本所律师就公司股份挂牌事宜出具本法律意见书。', '本所律师认为，公司系依法设立并有效存续的股份有限公司，具备申请挂牌的主体资格。', lawyers, '经办律师：游思齐', '经办律师：费长庚', '2026年9月30日'))],
  ['其他/征信.pdf', 'credit_tax_social', page('企业信用报告', p('（自主查询版）', `名称：${company}`, `统一社会信用代码：${own}`, '报告日期：2026年9月26日', '未查询到不良负债记录。'))],
  ['其他/税.pdf', 'credit_tax_social', page('税收完税证明', p('国家税务总局盐城市盐都区税务局', `纳税人名称：${company}`, `纳税人识别号：${own}`, '填发日期：2026年9月26日', '金额合计：人民币壹佰万元整'))],
];

rmSync(folder, { recursive: true, force: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox'] });
const tab = await browser.newPage();
for (const [path, , body] of FILES) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  await tab.setContent(`<style>body{font:14px/1.9 serif}h1{text-align:center;font-size:22px}section{break-after:page}table{width:100%;border-collapse:collapse}td{border:1px solid #333;padding:3px 8px}</style>${body}`);
  await tab.pdf({ path: file, format: 'A4', margin: { top: '25mm', bottom: '20mm', left: '25mm', right: '25mm' } });
}
await browser.close();
writeFileSync(join(folder, 'Thumbs.db'), 'left behind');

const slots = {};
for (const [path, slot] of FILES) (slots[slot] ??= { status: 'filled', files: [] }).files.push(path);
const truth = {
  format: 'pack-truth/1',
  company: { name: company, short_name: '沐恒生物', credit_code: own, registered_capital_yuan: 42000000, legal_representative: '苗远舟', actual_controller: '苗远舟', established: '2017-05-16', converted: '2021-09-08', address: '江苏省盐城市盐都区示例路66号', industry: 'C27医药制造业', auditor, audit_report_number: '衡瀚审字（2026）第066号', verification_code: '苏26HH00T7Q2', opinion_type: '标准无保留意见', law_firm: lawyers, sponsor, application_date: '2026-10-12', resolution_date: '2026-09-25' },
  periods: { 2025: { period_start: '2025-01-01', period_end: '2025-12-31', total_assets_yuan: 91204000, total_liabilities_yuan: 30101500, equity_yuan: 61102500, revenue_yuan: 75555000, net_profit_yuan: 9053000, operating_cash_flow_yuan: 7020000 } },
  holders: [{ name: '苗远舟' }, { name: '方砚秋' }, { name: '盐城沐源企业管理合伙企业（有限合伙）' }],
  slots: { ...slots, asset_valuation: { status: 'not_applicable' } },
  expected_findings: ['contradiction_registered_capital', 'contradiction_shares', 'contradiction_revenue', 'articles_outdated', 'ignored_system_files'].map((type) => ({ type })),
  files: [...FILES.map(([path, slot]) => ({ path, slot, text_layer: true, facts: slot === 'recommendation_agreement' ? { sponsor, sponsor_credit_code: sponsorCode } : {} })), { path: 'Thumbs.db', slot: 'ignore', text_layer: false }],
};
writeFileSync(`${folder}.truth.json`, JSON.stringify(truth, null, 1));
